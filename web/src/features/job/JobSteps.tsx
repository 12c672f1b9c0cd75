import { Link } from '@tanstack/react-router';
import { useCompare } from '../../api/compare';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { StepRow } from './StepRow';
import { stepLines } from './stepLines';

interface Props {
  runKey: string;
  /** The system, where several have a job of this name. */
  system?: string | undefined;
}

/** The steps of its last run beside what is usual; nothing where it has none, and most have none. */
export function JobSteps({ runKey, system }: Props) {
  const { t } = useWords();
  const compared = useCompare(runKey);
  if (!compared.data) {
    return compared.error ? <ProblemPanel error={compared.error} retry={() => void compared.refetch()} /> : null;
  }
  const steps = stepLines(compared.data);
  if (steps.length === 0) return null;
  const whole = (
    <Link to="/runs/$key" params={{ key: runKey }} search={{ view: 'compare' }}>
      {t('job.wholeComparison')} →
    </Link>
  );
  return (
    <Section title={[t('job.steps'), system].filter(Boolean).join(' · ')} aside={whole}>
      <div className={table.wide}>
        <table className={`${table.table} ${table.dense}`}>
          <thead>
            <tr>
              <th>{t('job.step')}</th>
              <th className={table.number}>{t('runs.took')}</th>
              <th className={`${table.number} ${table.secondary}`}>{t('jobs.usual')}</th>
              <th className={table.number}>{t('run.rowsHead')}</th>
              <th className={`${table.number} ${table.secondary}`}>{t('jobs.usual')}</th>
              <th className={table.secondary}>{t('job.changed')}</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((line, index) => (
              <StepRow key={index} line={line} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={table.sub}>{t('compare.usualOf', { count: compared.data.usual_runs })}</p>
    </Section>
  );
}
