import { useEffect } from 'react';

interface Paged {
  hasNextPage: boolean;
  isFetching: boolean;
  error: Error | null;
  fetchNextPage: () => unknown;
}

/** Fetches page after page to the end, for lists that are sorted and searched here; after a failure only when somebody asks again. */
export function useWhole({ hasNextPage, isFetching, error, fetchNextPage }: Paged) {
  const goesOn = hasNextPage && !isFetching && error === null;
  useEffect(() => {
    if (goesOn) fetchNextPage();
  }, [goesOn, fetchNextPage]);
}
