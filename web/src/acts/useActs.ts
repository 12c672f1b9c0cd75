import { useQueryClient } from '@tanstack/react-query';
import { ask, client, type Schemas } from '../api/client';
import { useWords } from '../words/useWords';
import { heldActs, type ActAsked, type Held } from './held';
import { tell, untell } from '../parts/toasts';
import { useLang } from '../words/useLang';
import { useWord } from '../words/useWord';

/** An issue as acts name it: `3f2a` to people, all of its digits to the API. */
export type Named = Pick<Schemas['IssueFacts'], 'id' | 'issue'>;

/** What pages show of issues. */
const SHOWN = ['issue', 'issues', 'night', 'run'];

/** Does something with an issue: it shows at once, and can be taken back for some seconds. */
export function useActs(): (issue: Named, act: ActAsked) => void {
  const { t } = useWords();
  const word = useWord();
  const lang = useLang();
  const queries = useQueryClient();
  const send = async ({ issue, act }: Held) => {
    // It arrives even when the page is left meanwhile.
    const params = { path: { issue }, query: { lang } };
    try {
      await ask(client.POST('/api/v1/issues/{issue}/acts', { params, body: act, keepalive: true }));
    } catch (error) {
      tell({ problem: error });
    }
    await Promise.all(SHOWN.map((queryKey) => queries.invalidateQueries({ queryKey: [queryKey] })));
  };
  return (issue, act) => {
    const told = t('acts.done', { issue: issue.id, done: word('acted', act.kind) });
    const key = `held-${issue.issue}-${String(Date.now())}`;
    const held = heldActs.hold(issue.issue, act, async (of) => {
      untell(key);
      await send(of);
    });
    const undo = () => {
      heldActs.takeBack(held.number);
    };
    tell({ key, text: told, undo });
  };
}
