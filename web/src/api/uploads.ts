import { keepPreviousData, skipToken, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLang } from '../words/useLang';
import { ask, client, done, type Schemas } from './client';
import { sendFile } from './sendFile';

export type Upload = Schemas['UploadAnswer'];
export type Reading = Schemas['ReadingAsked'];
export type Preview = Schemas['PreviewFacts'];
export type Task = Schemas['TaskFacts'];

const OFTEN_MS = 1000;

/** Sends a file of logs; nothing of it is loaded by that. `told` hears which part of it is sent. */
export function useUpload(told: (share: number) => void) {
  const lang = useLang();
  return useMutation({ mutationFn: (file: File) => sendFile<Upload>(file, lang, told) });
}

/** A file that was sent: what it is, or the mapping that is proposed for it. */
export function useUploaded(upload: string) {
  const lang = useLang();
  return useQuery({
    queryKey: ['upload', upload, lang],
    queryFn: ({ signal }) =>
      ask(client.GET('/api/v1/uploads/{upload}', { params: { path: { upload }, query: { lang } }, signal })),
    staleTime: Infinity,
  });
}

/** How it would be read in this way; the last answer stays until the next one is there. */
export function usePreview(upload: string, reading: Reading, isAsked: boolean) {
  const lang = useLang();
  return useQuery({
    queryKey: ['preview', upload, reading, lang],
    queryFn: ({ signal }) =>
      ask(
        client.POST('/api/v1/uploads/{upload}/preview', {
          params: { path: { upload }, query: { lang } },
          body: reading,
          signal,
        }),
      ),
    enabled: isAsked,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
}

export function useLoadUpload(upload: string) {
  const lang = useLang();
  return useMutation({
    mutationFn: (body: Reading) =>
      ask(client.POST('/api/v1/uploads/{upload}/load', { params: { path: { upload }, query: { lang } }, body })),
  });
}

export function useRemoveUpload(upload: string) {
  const lang = useLang();
  const params = { path: { upload }, query: { lang } };
  return useMutation({ mutationFn: () => done(client.DELETE('/api/v1/uploads/{upload}', { params })) });
}

export const isOver = (task: Task) => task.state === 'done' || task.state === 'failed';

/** How far long work is; it is asked again until it is over, and then all that is shown is. Nothing is asked while there is none. */
export function useTask(task: number | undefined) {
  const lang = useLang();
  const queries = useQueryClient();
  return useQuery({
    queryKey: ['task', task, lang],
    queryFn:
      task === undefined
        ? skipToken
        : async ({ signal }) => {
            const answer = await ask(
              client.GET('/api/v1/tasks/{task}', { params: { path: { task }, query: { lang } }, signal }),
            );
            if (isOver(answer)) {
              void queries.invalidateQueries({ predicate: ({ queryKey }) => !OWN.has(String(queryKey[0])) });
            }
            return answer;
          },
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : OFTEN_MS),
  });
}

/** What loading does not change, and what was typed meanwhile. */
const OWN = new Set(['task', 'preview', 'session']);

/** Taking back can be tried, too: then what would go is the answer. */
export const isTask = (answer: object): answer is Task => 'task' in answer;
