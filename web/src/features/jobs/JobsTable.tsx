import { useTranslation } from 'react-i18next';
import { useHeatmap } from '../../api/night';
import type { Job } from '../../api/jobs';
import type { JobColumn } from '../../app/search';
import table from '../../parts/table.module.css';
import { JobsRow } from './JobsRow';
import { SortHead } from './SortHead';

interface Props {
  jobs: Job[];
  environment: string;
  sort: JobColumn | undefined;
}

export function JobsTable({ jobs, environment, sort }: Props) {
  const { t } = useTranslation();
  const { data: map } = useHeatmap(environment, 'latest');
  const strips = new Map(map?.jobs.map((job) => [`${job.project ?? ''}/${job.job}`, job]));
  return (
    <div className={table.wide}>
      <table className={`${table.table} ${table.dense}`}>
        <thead>
          <tr>
            <th className={table.folded}>{t('jobs.state')}</th>
            <SortHead column="job" sort={sort} />
            <th className={table.secondary}>{t('jobs.nights')}</th>
            <SortHead column="firstTry" sort={sort} isNumber />
            <SortHead column="usual" sort={sort} isNumber isSecondary />
            <th className={`${table.number} ${table.secondary}`}>{t('jobs.p95')}</th>
            <SortHead column="start" sort={sort} isNumber isSecondary />
            <SortHead column="last" sort={sort} isNumber />
            <SortHead column="since" sort={sort} isNumber isSecondary />
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => {
            const key = `${job.project ?? ''}/${job.job}`;
            return <JobsRow key={key} job={job} strip={strips.get(key)} days={map?.days ?? []} />;
          })}
        </tbody>
      </table>
    </div>
  );
}
