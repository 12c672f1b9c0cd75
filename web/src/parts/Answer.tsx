import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemPanel } from './ProblemPanel';
import { Skeleton } from './Skeleton';

interface Props<T> {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  lines?: number;
  /** Kept free while it is waited for, so that nothing moves when it comes. */
  height?: number;
  /** Nothing else stands on the page. */
  isPage?: boolean;
}

/** What a query brought, or that it is waited for, or why it failed. An answer that was there stays while a new one is asked for. */
export function Answer<T>({ query, children, lines = 6, height = 40, isPage = false }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ProblemPanel error={query.error} retry={() => void query.refetch()} isPage={isPage} />;
  return <Skeleton lines={lines} height={height} />;
}
