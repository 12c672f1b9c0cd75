import { useMediaQuery } from '@mantine/hooks';
import type { Run } from '../api/runs';
import { useWords } from '../words/useWords';
import { NARROW } from './narrow';
import table from './table.module.css';
import { RunsRow } from './RunsRow';
import styles from './RunsRow.module.css';

export function RunsTable({ runs, hasDays }: { runs: Run[]; hasDays: boolean }) {
  const { t } = useWords();
  const isNarrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  return (
    <div className={table.wide}>
      <table className={`${table.table} ${table.dense}`}>
        <thead>
          <tr>
            <th className={table.folded}>{t('runs.result')}</th>
            <th>{t('runs.job')}</th>
            <th>{t('runs.started')}</th>
            {hasDays && <th className={styles.dayHead}>{t('runs.dayHead')}</th>}
            <th className={table.number}>{t('runs.took')}</th>
            <th className={table.secondary}>{t('runs.cause')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunsRow key={run.run_key} run={run} hasDay={hasDays} isNarrow={isNarrow} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
