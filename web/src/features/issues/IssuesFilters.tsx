import { useNavigate } from '@tanstack/react-router';
import { WHOSE, type IssuesSearch } from '../../app/search';
import { ExportLinks } from '../../parts/ExportLinks';
import type { Filter } from '../../parts/exportAddress';
import { FilterDay } from '../../parts/FilterDay';
import { FilterSelect } from '../../parts/FilterSelect';
import { FilterText } from '../../parts/FilterText';
import filters from '../../parts/filters.module.css';
import en from '../../words/en.json';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

/** The filters stand in the address; those of the API besides, for files. */
export function IssuesFilters({
  search,
  filter,
  me,
}: {
  search: IssuesSearch;
  filter: Filter;
  /** Who looks, where they have a name. */
  me: string | null | undefined;
}) {
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
  const check = (name: 'muted' | 'all') => (
    <label className={filters.check}>
      <input
        type="checkbox"
        checked={search[name] === true}
        onChange={(event) => {
          change({ [name]: event.currentTarget.checked ? true : undefined });
        }}
      />
      {t(`issues.${name}`)}
    </label>
  );
  return (
    <div className={filters.bar} role="group" aria-label={t('runs.filters')}>
      <FilterText
        label={t('issues.family')}
        hint={t('issues.familyHint')}
        value={search.family}
        isName
        choose={(family) => {
          change({ family });
        }}
      />
      {select('state', 'issueState', t('issues.anyState'))}
      {select('category', 'category', t('runs.anyCategory'))}
      {select('blame', 'blame', t('issues.anyBlame'))}
      <FilterSelect
        label={t('issues.assignee')}
        any={t('issues.anyAssignee')}
        value={search.assignee}
        options={[...(me == null ? [] : [['me', t('issues.mine', { me })] as const]), ['nobody', t('issues.nobodys')]]}
        choose={(of) => {
          change({ assignee: WHOSE.find((whose) => whose === of) });
        }}
      />
      <FilterDay
        label={t('issues.day')}
        value={search.day}
        choose={(day) => {
          change({ day });
        }}
      />
      {check('muted')}
      {check('all')}
      <ExportLinks path="/api/v1/issues" filter={filter} />
    </div>
  );
}
