import { useNavigate } from '@tanstack/react-router';
import type { ErrorsSearch } from '../../app/search';
import { ExportLinks } from '../../parts/ExportLinks';
import type { Filter } from '../../parts/exportAddress';
import { FilterDay } from '../../parts/FilterDay';
import { FilterSelect } from '../../parts/FilterSelect';
import { FilterText } from '../../parts/FilterText';
import filters from '../../parts/filters.module.css';
import en from '../../words/en.json';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { OnlyOf } from './OnlyOf';

/** The filters stand in the address; those of the API besides, for files. */
export function ErrorsFilters({ search, filter }: { search: ErrorsSearch; filter: Filter }) {
  const { t } = useWords();
  const word = useWord();
  const navigate = useNavigate();
  const change = (to: ErrorsSearch) => {
    void navigate({ to: '/errors', search: (before) => ({ ...before, ...to }) });
  };
  const select = (name: 'category' | 'blame', any: string) => (
    <FilterSelect
      label={t(`issues.${name}`)}
      any={any}
      value={search[name]}
      options={Object.keys(en[name]).map((of) => [of, word(name, of)])}
      choose={(value) => {
        change({ [name]: value });
      }}
    />
  );
  const day = (name: 'from' | 'to') => (
    <FilterDay
      label={t(`search.${name}`)}
      value={search[name]}
      choose={(value) => {
        change({ [name]: value });
      }}
    />
  );
  return (
    <div className={filters.bar} role="group" aria-label={t('runs.filters')}>
      <OnlyOf name="issue" id={search.issue} />
      <OnlyOf name="run" id={search.run} />
      <FilterText
        label={t('runs.job')}
        hint={t('runs.jobHint')}
        value={search.job}
        choose={(job) => {
          change({ job });
        }}
      />
      {day('from')}
      {day('to')}
      {select('category', t('runs.anyCategory'))}
      {select('blame', t('issues.anyBlame'))}
      <ExportLinks path="/api/v1/errors" filter={filter} />
    </div>
  );
}
