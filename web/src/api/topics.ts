import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Topic = Schemas['Topic'];
export type Consumer = Schemas['ConsumerFacts'];

/** Topics of Kafka, how far behind what is stored of them is, and who stores it; nothing where there is no Kafka. */
export function useTopics() {
  const lang = useLang();
  return useQuery({
    queryKey: ['topics', lang],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/topics', { params: { query: { lang } }, signal })),
    placeholderData: keepPreviousData,
  });
}
