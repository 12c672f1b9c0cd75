import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, type Schemas } from './client';
import { isTask, type Task } from './uploads';

export type SourceAnswer = Schemas['SourceAnswer'];
export type Unloaded = Schemas['UnloadedFacts'];

/** A source: how it was read, and what can be done with it. */
export function useSource(source: number, isStaying = true) {
  const lang = useLang();
  return useQuery({
    queryKey: ['source', source, lang],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/sources/{source}', { params: { path: { source }, query: { lang } }, signal })),
    placeholderData: keepPreviousData,
    enabled: isStaying,
  });
}

/** What would go if all of it were taken back. */
export function useWouldGo(source: number) {
  const lang = useLang();
  return useQuery({
    queryKey: ['wouldGo', source, lang],
    queryFn: async ({ signal }) => {
      const params = { path: { source }, query: { lang } };
      const body = { dry_run: true, force: true };
      const answer = await ask<Unloaded | Task>(
        client.POST('/api/v1/sources/{source}/unload', { params, body, signal }),
      );
      return isTask(answer) ? undefined : answer;
    },
    gcTime: 0,
  });
}

export type SourceAct = 'reload' | 'only_new' | 'unload' | 'unload_force';

/** Long work with a source: it goes on by itself. */
export function useSourceAct(source: number) {
  const lang = useLang();
  const queries = useQueryClient();
  const params = { path: { source }, query: { lang } };
  return useMutation({
    mutationFn: (act: SourceAct): Promise<Unloaded | Task> => {
      if (act === 'reload' || act === 'only_new') {
        const body = { only_new: act === 'only_new' };
        return ask(client.POST('/api/v1/sources/{source}/reload', { params, body }));
      }
      const body = { dry_run: false, force: act === 'unload_force' };
      return ask<Unloaded | Task>(client.POST('/api/v1/sources/{source}/unload', { params, body }));
    },
    // A source that is being taken back may be gone before it is asked for again.
    onSuccess: (_, act) =>
      act === 'reload' || act === 'only_new' ? queries.invalidateQueries({ queryKey: ['source', source] }) : undefined,
  });
}
