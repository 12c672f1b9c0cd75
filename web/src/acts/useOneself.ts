import { useEffect, useRef } from 'react';
import { useSession } from '../api/session';
import { tell, untellAll } from '../parts/toasts';
import { useWords } from '../words/useWords';
import { heldActs } from './held';

/** Acts are stored under the name of who did them. Where somebody else looks now, or nobody, what still waits is dropped, and no way back of theirs is offered. */
export function useOneself() {
  const { t } = useWords();
  const { data: session } = useSession();
  const who = session === undefined ? undefined : session.role === null ? null : (session.name ?? '');
  const before = useRef(who);
  useEffect(() => {
    const left = before.current;
    before.current = who;
    if (left == null || left === who) return;
    const dropped = heldActs.drop();
    untellAll();
    if (dropped.length > 0) tell({ text: t('acts.dropped') });
  }, [who, t]);
}
