import { Link, useSearch } from '@tanstack/react-router';
import { useMay } from '../../api/session';
import { SETTINGS_PARTS, type SettingsPart } from '../../app/search';
import { useTitle } from '../../app/useTitle';
import tabs from '../../parts/tabs.module.css';
import { useWords } from '../../words/useWords';
import { AccountPart } from './AccountPart';
import { AuditPart } from './AuditPart';
import { DecisionsPart } from './DecisionsPart';
import { TokensPart } from './TokensPart';
import { UsersPart } from './UsersPart';
import { ValuesPart } from './ValuesPart';

/** Those that only administrators may see. */
const GUARDED: SettingsPart[] = ['users', 'tokens', 'audit'];

export function SettingsPage() {
  const { t } = useWords();
  const { part = 'account' } = useSearch({ from: '/settings' });
  const isAdmin = useMay('admin');
  useTitle(t(`settings.${part}`));
  const shown = SETTINGS_PARTS.filter((of) => isAdmin || !GUARDED.includes(of));
  return (
    <article>
      <h1>{t('nav.settings')}</h1>
      <nav className={tabs.tabs} aria-label={t('nav.settings')}>
        {shown.map((of) => (
          <Link key={of} to="/settings" search={{ part: of }} aria-current={of === part ? 'page' : undefined}>
            {t(`settings.${of}`)}
          </Link>
        ))}
      </nav>
      <PartOf part={part} />
    </article>
  );
}

function PartOf({ part }: { part: SettingsPart }) {
  switch (part) {
    case 'account':
      return <AccountPart />;
    case 'values':
      return <ValuesPart />;
    case 'users':
      return <UsersPart />;
    case 'tokens':
      return <TokensPart />;
    case 'audit':
      return <AuditPart />;
    case 'decisions':
      return <DecisionsPart />;
  }
}
