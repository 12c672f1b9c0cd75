import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { comingBack, isPassing } from '../api/comingBack';
import { Problem } from '../api/problem';
import { SESSION, STRANGER } from '../api/session';

function isWorthAnotherTry(failures: number, error: Error): boolean {
  return isPassing(error) && failures < 2;
}

export function newQueryClient(): QueryClient {
  // Whoever is not known, or no longer, sees the login where they are.
  const onError = (error: Error) => {
    if (error instanceof Problem && error.isStranger) client.setQueryData(SESSION, STRANGER);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: isWorthAnotherTry,
        staleTime: 30_000,
        refetchInterval: comingBack(false),
      },
    },
  });
  return client;
}
