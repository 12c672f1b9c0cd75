import { useSyncExternalStore } from 'react';
import type { Issue } from '../api/issues';
import { useSession } from '../api/session';
import { foreseen } from './foreseen';
import { heldActs, type Held } from './held';

const NOBODY = '?';

export function useHeld(): readonly Held[] {
  return useSyncExternalStore(heldActs.listen, heldActs.now);
}

/** The issue with what was just done to it, stored or not. */
export function useForeseen(issue: Issue): Issue {
  const held = useHeld();
  const { data: session } = useSession();
  const at = new Date().toISOString();
  return held
    .filter((of) => of.issue === issue.issue)
    .reduce((before, { act }) => foreseen(before, act, session?.name ?? NOBODY, at), issue);
}
