import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Hit = Schemas['SearchHit'];
export type Group = Schemas['SearchGroup'];
export type Message = Schemas['MessageFacts'];
export type Piece = Schemas['PiecePart'][];

/** Jobs, issues, runs, notes and sources that hold the words. */
export function useSearchAnswer(q: string, environment: string) {
  const lang = useLang();
  return useQuery({
    queryKey: ['search', q, environment, lang],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/search', { params: { query: { q, ...within(environment), lang } }, signal })),
    enabled: q !== '',
    placeholderData: keepPreviousData,
  });
}

export interface Period {
  from: string;
  to: string;
}

/** Raw messages of errors within a period of business days, the newest first. */
export function useMessages(q: string, environment: string, { from, to }: Period) {
  const lang = useLang();
  return useInfiniteQuery({
    queryKey: ['messages', q, environment, from, to, lang],
    queryFn: ({ pageParam, signal }) => {
      const after = pageParam === '' ? {} : { cursor: pageParam };
      const query = { q, from, to, ...within(environment), ...after, lang };
      return ask(client.GET('/api/v1/search/messages', { params: { query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    enabled: q !== '',
  });
}

export const within = (environment: string) => (environment === '' ? {} : { environment });
