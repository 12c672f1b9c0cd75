import { useNavigate } from '@tanstack/react-router';
import { jobsFilter } from '../../api/jobs';
import type { JobsSearch } from '../../app/search';
import { ExportLinks } from '../../parts/ExportLinks';
import { FilterText } from '../../parts/FilterText';
import filters from '../../parts/filters.module.css';
import { useWords } from '../../words/useWords';

/** The filters stand in the address: a list can be sent to a colleague. */
export function JobsFilters({ environment, search }: { environment: string; search: JobsSearch }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const change = (to: JobsSearch) => {
    void navigate({ to: '/jobs', search: (before) => ({ ...before, ...to }) });
  };
  return (
    <div className={filters.bar}>
      <FilterText
        label={t('jobs.find')}
        hint={t('jobs.find')}
        value={search.q}
        choose={(q) => {
          change({ q });
        }}
      />
      <label className={filters.check}>
        <input
          type="checkbox"
          checked={search.all === true}
          onChange={(event) => {
            change({ all: event.currentTarget.checked ? true : undefined });
          }}
        />
        {t('jobs.all')}
      </label>
      <ExportLinks path="/api/v1/jobs" filter={jobsFilter(environment, search)} />
    </div>
  );
}
