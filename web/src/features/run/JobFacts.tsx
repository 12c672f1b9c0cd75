import { useTranslation } from 'react-i18next';
import type { RunAnswer } from '../../api/run';
import { useWord } from '../../words/useWord';
import { colonOf } from '../../format/lang';
import { useLang } from '../../words/useLang';

/** What people said of the job: who owns it, when it is due, what to do. */
export function JobFacts({ catalogue }: { catalogue: NonNullable<RunAnswer['catalogue']> }) {
  const { t } = useTranslation();
  const word = useWord();
  const colon = colonOf(useLang());
  const { owner, deadline, criticality, runbook_url: runbook } = catalogue;
  const facts = [
    owner === null ? null : `${t('run.owner')}${colon} ${owner}`,
    deadline === null ? null : `${t('run.deadline')}${colon} ${deadline}`,
    criticality === null ? null : word('criticality', String(criticality)),
  ].filter((fact) => fact !== null);
  const isWeb = runbook !== null && /^https?:\/\//i.test(runbook);
  return (
    <>
      {facts.length > 0 && <p>{facts.join(' · ')}</p>}
      {runbook !== null && (
        <p>
          {isWeb ? (
            <a href={runbook} rel="noreferrer noopener" target="_blank">
              {t('run.runbook')} ↗
            </a>
          ) : (
            `${t('run.runbook')}${colon} ${runbook}`
          )}
        </p>
      )}
    </>
  );
}
