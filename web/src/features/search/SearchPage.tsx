import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { WithEnvironment } from '../../app/WithEnvironment';
import { useTitle } from '../../app/useTitle';
import { FilterText } from '../../parts/FilterText';
import filters from '../../parts/filters.module.css';
import { Nothing } from '../../parts/Nothing';
import { useWords } from '../../words/useWords';
import { FoundSection } from './FoundSection';
import { MessagesSection } from './MessagesSection';

/** What people remember of a job, a run, an issue, a note, a source or a message, and where it is. */
export function SearchPage() {
  const { t } = useWords();
  const { q = '' } = useSearch({ from: '/search' });
  const navigate = useNavigate();
  useTitle(q === '' ? t('search.title') : `${q} · ${t('search.title')}`);
  return (
    <article>
      <h1>{q === '' ? t('search.title') : t('search.of', { q })}</h1>
      <div className={filters.bar} role="search">
        <FilterText
          label={t('search.what')}
          hint={t('search.what')}
          value={q === '' ? undefined : q}
          isSearch
          choose={(to) => {
            void navigate({ to: '/search', search: (before) => ({ ...before, q: to }) });
          }}
        />
      </div>
      {q === '' ? (
        <Nothing title={t('search.begin')} what={t('search.beginWhat')}>
          <Link to="/errors">{t('errors.all')} →</Link>
        </Nothing>
      ) : (
        <WithEnvironment>
          {(environment) => (
            <>
              <FoundSection q={q} environment={environment} />
              <MessagesSection q={q} environment={environment} />
            </>
          )}
        </WithEnvironment>
      )}
    </article>
  );
}
