import { useNavigate } from '@tanstack/react-router';
import type { RunsSearch } from '../../app/search';
import { ExportLinks } from '../../parts/ExportLinks';
import type { Filter } from '../../parts/exportAddress';
import { FilterSelect } from '../../parts/FilterSelect';
import { FilterText } from '../../parts/FilterText';
import { OnlyOfJobs } from '../../parts/OnlyOfJobs';
import filters from '../../parts/filters.module.css';
import en from '../../words/en.json';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

/** The filters stand in the address: a list can be sent to a colleague. Those of the API besides, for files. */
export function RunsFilters({ search, filter }: { search: RunsSearch; filter: Filter }) {
  const { t } = useWords();
  const word = useWord();
  const navigate = useNavigate();
  const change = (to: RunsSearch) => {
    void navigate({ to: '/runs', search: (before) => ({ ...before, ...to }) });
  };
  return (
    <div className={filters.bar} role="group" aria-label={t('runs.filters')}>
      <OnlyOfJobs list="/runs" search={search} />
      <FilterText
        label={t('runs.job')}
        hint={t('runs.jobHint')}
        value={search.job}
        isName
        choose={(job) => {
          change({ job });
        }}
      />
      <label className={filters.field}>
        <span className="hidden">{t('runs.day')}</span>
        <input
          type="date"
          value={search.day ?? ''}
          onChange={(event) => {
            change({ day: event.currentTarget.value === '' ? undefined : event.currentTarget.value });
          }}
        />
      </label>
      <FilterSelect
        label={t('runs.status')}
        any={t('runs.anyStatus')}
        value={search.status}
        options={Object.keys(en.outcome).map((of) => [of, word('outcome', of)])}
        choose={(status) => {
          change({ status });
        }}
      />
      <FilterSelect
        label={t('runs.category')}
        any={t('runs.anyCategory')}
        value={search.category}
        options={Object.keys(en.category).map((of) => [of, word('category', of)])}
        choose={(category) => {
          change({ category });
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
        {t('runs.children')}
      </label>
      <ExportLinks path="/api/v1/runs" filter={filter} />
    </div>
  );
}
