import { useQuery } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';

export type Setting = Schemas['SettingFacts'];

/** The settings of the process, and where they come from; never a secret. */
export function useSettings() {
  const lang = useLang();
  return useQuery({
    queryKey: ['settings', lang],
    queryFn: ({ signal }) => ask(client.GET('/api/v1/settings', { params: { query: { lang } }, signal })),
  });
}
