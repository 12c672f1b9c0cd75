import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Source = Schemas['SourceFacts'];
export type Batch = Schemas['BatchFacts'];
export type Reject = Schemas['RejectFacts'];

/** What was read, the newest first. */
export function useSources() {
  return useInfiniteQuery({
    queryKey: ['sources'],
    queryFn: ({ pageParam, signal }) =>
      ask(client.GET('/api/v1/sources', { params: { query: pageParam === '' ? {} : { cursor: pageParam } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** What was stored of a source, the newest first. */
export function useBatches(source: number) {
  return useInfiniteQuery({
    queryKey: ['batches', source],
    queryFn: ({ pageParam, signal }) =>
      ask(
        client.GET('/api/v1/batches', {
          params: { query: { source, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** Records of a batch that could not become rows, in order. */
export function useRejects(batch: number) {
  const lang = useLang();
  return useInfiniteQuery({
    queryKey: ['rejects', batch, lang],
    queryFn: ({ pageParam, signal }) =>
      ask(
        client.GET('/api/v1/batches/{batch}/rejects', {
          params: { path: { batch }, query: { lang, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  });
}
