import { useNavigate } from '@tanstack/react-router';
import type { ErrorsSearch } from '../../app/search';
import { ExportLinks } from '../../parts/ExportLinks';
import type { Filter } from '../../parts/exportAddress';
import { FilterDay } from '../../parts/FilterDay';
import { FilterSelect } from '../../parts/FilterSelect';
import { FilterText } from '../../parts/FilterText';
import { OnlyOf } from '../../parts/OnlyOf';
import { OnlyOfJobs } from '../../parts/OnlyOfJobs';
import filters from '../../parts/filters.module.css';
import en from '../../words/en.json';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { shortId } from './shortId';

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
  const short = (id: string | undefined, tell: (id: string) => string) =>
    id === undefined ? undefined : tell(shortId(id));
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
      <OnlyOf list="/errors" name="issue" told={short(search.issue, (id) => t('tonight.issue', { id }))} />
      <OnlyOf list="/errors" name="run" told={short(search.run, (id) => t('errors.run', { id }))} />
      <OnlyOfJobs list="/errors" search={search} />
      <FilterText
        label={t('runs.job')}
        hint={t('runs.jobHint')}
        value={search.job}
        isName
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
