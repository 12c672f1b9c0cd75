import type { JobNight } from '../../api/job';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { NightsRow } from './NightsRow';

/** Columns of which no night has anything are left out. */
export function NightsTable({ nights, environment }: { nights: JobNight[]; environment: string }) {
  const { t } = useWords();
  const has = {
    read: nights.some((night) => night.rows_in !== null),
    written: nights.some((night) => night.rows_out !== null),
    deadline: nights.some((night) => night.deadline_at !== null),
  };
  return (
    <div className={table.wide}>
      <table className={`${table.table} ${table.dense}`}>
        <thead>
          <tr>
            <th className={table.folded}>{t('runs.result')}</th>
            <th>{t('job.night')}</th>
            <th className={`${table.number} ${table.secondary}`}>{t('job.runsHead')}</th>
            <th className={table.number}>{t('job.began')}</th>
            <th className={table.number}>{t('runs.took')}</th>
            {has.read && <th className={`${table.number} ${table.secondary}`}>{t('job.read')}</th>}
            {has.written && <th className={`${table.number} ${table.secondary}`}>{t('job.written')}</th>}
            {has.deadline && <th className={`${table.number} ${table.secondary}`}>{t('tonight.deadline')}</th>}
            {has.deadline && <th className={table.number}>{t('tonight.margin')}</th>}
            <th className={table.secondary}>{t('job.remarks')}</th>
          </tr>
        </thead>
        <tbody>
          {nights.map((night) => (
            <NightsRow key={night.business_day} night={night} environment={environment} has={has} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
