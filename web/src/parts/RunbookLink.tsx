import { colonOf } from '../format/lang';
import { useLang } from '../words/useLang';
import { useWords } from '../words/useWords';

/** What to do, as somebody wrote it: a link where it is an address of the web, and nothing else can be one. */
export function RunbookLink({ to }: { to: string }) {
  const { t } = useWords();
  const colon = colonOf(useLang());
  return (
    <p>
      {/^https?:\/\//i.test(to) ? (
        <a href={to} rel="noreferrer noopener" target="_blank">
          {t('run.runbook')} ↗
        </a>
      ) : (
        `${t('run.runbook')}${colon} ${to}`
      )}
    </p>
  );
}
