import type { Schemas } from '../api/client';
import { colonOf } from '../format/lang';
import { useLang } from '../words/useLang';
import { useWord } from '../words/useWord';
import { useWords } from '../words/useWords';
import { RunbookLink } from './RunbookLink';

/** What people said of the job: who owns it, when it is due, what to do. */
export function JobFacts({
  catalogue,
}: {
  catalogue: Pick<Schemas['CatalogueFacts'], 'owner' | 'deadline' | 'criticality' | 'runbook_url'>;
}) {
  const { t } = useWords();
  const word = useWord();
  const colon = colonOf(useLang());
  const { owner, deadline, criticality, runbook_url: runbook } = catalogue;
  const facts = [
    owner === null ? null : `${t('run.owner')}${colon} ${owner}`,
    deadline === null ? null : `${t('run.deadline')}${colon} ${deadline}`,
    criticality === null ? null : word('criticality', String(criticality)),
  ].filter((fact) => fact !== null);
  return (
    <>
      {facts.length > 0 && <p>{facts.join(' · ')}</p>}
      {runbook !== null && <RunbookLink to={runbook} />}
    </>
  );
}
