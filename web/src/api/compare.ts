import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Compared = Schemas['CompareAnswer'];
export type CompareLine = Schemas['CompareLine'];

/** A run beside the last good one and what is usual on such days, line by line. */
export function useCompare(key: string) {
  const lang = useLang();
  return useQuery({
    queryKey: ['compare', key, lang],
    queryFn: ({ signal }) =>
      ask(
        client.GET('/api/v1/runs/{run_key}/compare', { params: { path: { run_key: key }, query: { lang } }, signal }),
      ),
    placeholderData: keepPreviousData,
  });
}
