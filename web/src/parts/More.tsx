import { Button } from '@mantine/core';
import { useWords } from '../words/useWords';
import styles from './More.module.css';

interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** Fetches what follows in a list; nothing at its end. */
export function More({ query }: { query: Paged }) {
  const { t } = useWords();
  if (!query.hasNextPage) return null;
  return (
    <div className={styles.more}>
      <Button
        variant="default"
        size="compact-md"
        disabled={query.isFetchingNextPage}
        onClick={() => query.fetchNextPage()}
      >
        {t(query.isFetchingNextPage ? 'state.moreLoading' : 'state.more')}
      </Button>
    </div>
  );
}
