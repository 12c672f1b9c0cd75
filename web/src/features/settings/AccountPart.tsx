import { useOwnPassword, useSession } from '../../api/session';
import { useTeller } from '../../app/useTeller';
import { Form } from '../../parts/Form';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { OfSettings } from './OfSettings';
import { PasswordField } from './PasswordField';
import styles from './settings.module.css';
import { password } from './password';

/** Who looks, and their own password. */
export function AccountPart() {
  const { t } = useWords();
  const word = useWord();
  const { zone } = useTeller();
  const { data: session } = useSession();
  const change = useOwnPassword();
  if (session?.role == null) return null;
  const name = session.name ?? t('login.nobody');
  return (
    <Section title={t('settings.account')}>
      <p>
        <b>{name}</b> · {word('role', session.role)} · {t(`settings.way.${session.way ?? 'local'}`)}
      </p>
      <p>{t('frame.zone', { zone })}</p>
      {session.way === 'session' && (
        <div className={styles.narrow}>
          <Section title={t('settings.ownPassword')}>
            {change.error && <ProblemPanel error={change.error} />}
            <Form
              act={t('settings.setPassword')}
              isBusy={change.isPending}
              submit={(form) => {
                change.mutate({ password: password(form, 'old'), new: password(form, 'new') });
              }}
            >
              <label>
                {t('settings.oldPassword')}
                <input name="old" type="password" autoComplete="current-password" required />
              </label>
              <PasswordField label={t('settings.newPassword')} name="new" />
              <p>{t('settings.allSessions')}</p>
              <OfSettings name={name} />
            </Form>
          </Section>
        </div>
      )}
    </Section>
  );
}
