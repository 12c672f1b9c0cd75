import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';
import type { JobName } from './job';

export type Said = Schemas['JobAsked'];

/** Says what people know of a job: all of it, and only where nobody else said something meanwhile. */
export function useEditJob(path: JobName, tag: string | undefined) {
  const lang = useLang();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Said) => {
      const header = tag === undefined ? {} : { 'if-match': tag };
      return ask(
        client.PUT('/api/v1/jobs/{environment}/{project}/{job}', { params: { path, header, query: { lang } }, body }),
      );
    },
    onSuccess: () => queries.invalidateQueries(),
  });
}
