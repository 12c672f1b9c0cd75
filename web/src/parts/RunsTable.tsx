import type { Run } from '../api/runs';
import { useWords } from '../words/useWords';
import table from './table.module.css';
import { RunsRow } from './RunsRow';

export function RunsTable({ runs, hasDays }: { runs: Run[]; hasDays: boolean }) {
  const { t } = useWords();
  return (
    <div className={table.wide}>
      <table className={`${table.table} ${table.dense}`}>
        <thead>
          <tr>
            <th className={table.folded}>{t('runs.result')}</th>
            <th>{t('runs.job')}</th>
            <th>{t('runs.started')}</th>
            {hasDays && <th className={table.secondary}>{t('runs.dayHead')}</th>}
            <th className={table.number}>{t('runs.took')}</th>
            <th className={table.secondary}>{t('runs.cause')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunsRow key={run.run_key} run={run} hasDay={hasDays} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
