import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { Problem } from '../api/problem';
import { SESSION, STRANGER } from '../api/session';

const RETURN_MS = 10_000;

/** No answer came, or none is possible at the moment; an answer that says no is one. */
function isPassing(error: Error): boolean {
  return !(error instanceof Problem) || error.isUnreachable || error.status === 503;
}

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
        // What failed comes back by itself, when smartETL does.
        refetchInterval: ({ state }) => (state.error !== null && isPassing(state.error) ? RETURN_MS : false),
      },
    },
  });
  return client;
}
