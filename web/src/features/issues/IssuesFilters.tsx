import { useNavigate } from '@tanstack/react-router';
import type { IssuesSearch } from '../../app/search';
import { ExportLinks } from '../../parts/ExportLinks';
import type { Filter } from '../../parts/exportAddress';
import { FilterSelect } from '../../parts/FilterSelect';
import { FilterText } from '../../parts/FilterText';
import filters from '../../parts/filters.module.css';
import en from '../../words/en.json';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

/** The filters stand in the address; those of the API besides, for files. */
export function IssuesFilters({ search, filter }: { search: IssuesSearch; filter: Filter }) {
  const { t } = useWords();
  const word = useWord();
  const navigate = useNavigate();
  const change = (to: IssuesSearch) => {
    void navigate({ to: '/issues', search: (before) => ({ ...before, ...to }) });
  };
  const select = (
    name: 'state' | 'category' | 'blame',
    vocabulary: 'issueState' | 'category' | 'blame',
    any: string,
  ) => (
    <FilterSelect
      label={t(`issues.${name}`)}
      any={any}
      value={search[name]}
      options={Object.keys(en[vocabulary]).map((of) => [of, word(vocabulary, of)])}
      choose={(value) => {
        change({ [name]: value });
      }}
    />
  );
  return (
    <div className={filters.bar} role="group" aria-label={t('runs.filters')}>
      <FilterText
        label={t('issues.family')}
        hint={t('issues.familyHint')}
        value={search.family}
        choose={(family) => {
          change({ family });
        }}
      />
      {select('state', 'issueState', t('issues.anyState'))}
      {select('category', 'category', t('runs.anyCategory'))}
      {select('blame', 'blame', t('issues.anyBlame'))}
      <label className={filters.field}>
        <span className="hidden">{t('issues.day')}</span>
        <input
          type="date"
          title={t('issues.day')}
          value={search.day ?? ''}
          onChange={(event) => {
            change({ day: event.currentTarget.value === '' ? undefined : event.currentTarget.value });
          }}
        />
      </label>
      <label className={filters.check}>
        <input
          type="checkbox"
          checked={search.all === true}
          onChange={(event) => {
            change({ all: event.currentTarget.checked ? true : undefined });
          }}
        />
        {t('issues.all')}
      </label>
      <ExportLinks path="/api/v1/issues" filter={filter} />
    </div>
  );
}
