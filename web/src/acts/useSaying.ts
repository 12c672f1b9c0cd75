import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask, client, type Schemas } from '../api/client';
import { number } from '../format/number';
import { tell, untell } from '../parts/toasts';
import { useLang } from '../words/useLang';
import { useWords } from '../words/useWords';
import type { Named } from './useActs';

/** What is said of the problem behind an issue: it holds for all that was and all that comes. */
export type Saying =
  | { kind: 'category'; body: Schemas['CorrectAsked'] }
  | { kind: 'rename'; body: Schemas['RenameAsked'] }
  | { kind: 'merge'; body: Schemas['MergeAsked'] }
  | { kind: 'split'; body: Schemas['SplitAsked'] };

/** So long the way back is offered here; in the settings it is for ever. */
const LASTS_MS = 20_000;

/** Says something of a problem; runs are made anew by it, which may take a while. */
export function useSaying(issue: Named) {
  const { t } = useWords();
  const lang = useLang();
  const queries = useQueryClient();
  const undoing = useUndoing();
  const params = { path: { issue: issue.issue }, query: { lang } };
  return useMutation({
    mutationFn: ({ kind, body }: Saying): Promise<Schemas['SaidReport']> => {
      if (kind === 'category') return ask(client.POST('/api/v1/issues/{issue}/category', { params, body }));
      if (kind === 'rename') return ask(client.POST('/api/v1/issues/{issue}/rename', { params, body }));
      if (kind === 'merge') return ask(client.POST('/api/v1/issues/{issue}/merge', { params, body }));
      return ask(client.POST('/api/v1/issues/{issue}/split', { params, body }));
    },
    onMutate: () => {
      tell({ key: WORKING, text: t('acts.working') });
    },
    onSuccess: (report, { kind }) => {
      const told = { count: report.runs, told: number(report.runs, lang) };
      const undo = () => {
        undoing.mutate(report.override);
      };
      tell({ text: `${t(`said.${kind}`)} ${t('acts.runsAnew', told)}`, undo, lasts: LASTS_MS });
      return queries.invalidateQueries();
    },
    onError: (problem) => {
      tell({ problem });
    },
    onSettled: () => {
      untell(WORKING);
    },
  });
}

const WORKING = 'working';

/** Takes back what was said, by its number. */
export function useUndoing() {
  const { t } = useWords();
  const lang = useLang();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (override: number) => {
      const params = { path: { override }, query: { lang } };
      return ask(client.POST('/api/v1/overrides/{override}/undo', { params }));
    },
    onMutate: () => {
      tell({ key: WORKING, text: t('acts.working') });
    },
    onSuccess: () => {
      tell({ text: t('acts.undone'), lasts: LASTS_MS / 4 });
      return queries.invalidateQueries();
    },
    onError: (problem) => {
      tell({ problem });
    },
    onSettled: () => {
      untell(WORKING);
    },
  });
}
