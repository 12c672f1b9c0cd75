import { useHeatmap } from '../../api/night';
import type { Job } from '../../api/jobs';
import type { JobColumn } from '../../app/search';
import table from '../../parts/table.module.css';
import { useGradually } from '../../parts/useGradually';
import { useWords } from '../../words/useWords';
import { JobsRow } from './JobsRow';
import { SortHead } from './SortHead';

/** So many fill a screen. */
const SCREEN = 40;

interface Props {
  jobs: Job[];
  environment: string;
  sort: JobColumn | undefined;
}

export function JobsTable({ jobs, environment, sort }: Props) {
  const { t } = useWords();
  const { data: map } = useHeatmap(environment, 'latest');
  const { shown, isWhole } = useGradually(jobs, SCREEN);
  const strips = new Map(map?.jobs.map((job) => [`${job.project ?? ''}/${job.job}`, job]));
  return (
    <div className={table.wide} aria-busy={!isWhole}>
      <table className={`${table.table} ${table.dense}`}>
        <thead>
          <tr>
            <th className={table.folded}>{t('jobs.state')}</th>
            <SortHead column="job" sort={sort} />
            <th className={table.secondary}>{t('jobs.nights')}</th>
            <SortHead column="firstTry" sort={sort} isNumber />
            <SortHead column="usual" sort={sort} isNumber isSecondary />
            <th className={`${table.number} ${table.secondary}`}>{t('jobs.p95')}</th>
            <SortHead column="trend" sort={sort} isNumber isSecondary />
            <SortHead column="rows" sort={sort} isNumber isSecondary />
            <SortHead column="start" sort={sort} isNumber isSecondary />
            <SortHead column="last" sort={sort} isNumber />
            <SortHead column="since" sort={sort} isNumber isSecondary />
          </tr>
        </thead>
        <tbody>
          {shown.map((job) => {
            const key = `${job.project ?? ''}/${job.job}`;
            return <JobsRow key={`${key}/${job.system}`} job={job} strip={strips.get(key)} days={map?.days ?? []} />;
          })}
        </tbody>
      </table>
    </div>
  );
}
