import { Link, useSearch } from '@tanstack/react-router';
import { errorsFilter, useErrors } from '../../api/errors';
import { useTitle } from '../../app/useTitle';
import { More } from '../../parts/More';
import { Nothing } from '../../parts/Nothing';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Skeleton } from '../../parts/Skeleton';
import { useWords } from '../../words/useWords';
import { ErrorsFilters } from './ErrorsFilters';
import { ErrorsPath } from './ErrorsPath';
import { ErrorsSentence } from './ErrorsSentence';
import { ErrorsTable } from './ErrorsTable';

export function ErrorsOf({ environment }: { environment: string }) {
  const { t } = useWords();
  const search = useSearch({ from: '/errors' });
  const errors = useErrors(environment, search);
  useTitle(t('errors.title'));
  const items = errors.data?.pages.flatMap((page) => page.items) ?? [];
  const isNone = errors.data !== undefined && items.length === 0;
  return (
    <>
      <ErrorsPath search={search} />
      {errors.data && !(isNone && errors.hasNextPage) ? (
        <ErrorsSentence errors={items} hasMore={errors.hasNextPage} />
      ) : (
        <h1>{t('errors.title')}</h1>
      )}
      <ErrorsFilters search={search} filter={errorsFilter(environment, search)} />
      {errors.error && <ProblemPanel error={errors.error} retry={() => void errors.refetch()} />}
      {errors.isPending && <Skeleton lines={12} height={600} />}
      {isNone &&
        (errors.hasNextPage ? (
          <p>{t('errors.goOn')}</p>
        ) : (
          <Nothing title={t('errors.none')} what={t('errors.noneWhat')}>
            <Link to="/errors" search={{}}>
              {t('runs.clear')}
            </Link>
          </Nothing>
        ))}
      {items.length > 0 && <ErrorsTable errors={items} />}
      <More query={errors} />
    </>
  );
}
