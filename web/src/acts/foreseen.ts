import type { Issue } from '../api/issues';
import type { ActAsked } from './held';

/** What an issue will be once this is stored; where it makes no sense, nothing changes. */
export function foreseen(issue: Issue, act: ActAsked, by: string, at: string): Issue {
  const isOpen = issue.state !== 'resolved';
  const text = act.text ?? null;
  switch (act.kind) {
    case 'ack':
      if (!isOpen) return issue;
      return {
        ...issue,
        state: 'ongoing',
        acknowledged_by: issue.acknowledged_by ?? by,
        acknowledged_at: issue.acknowledged_at ?? at,
      };
    case 'resolve':
      if (!isOpen) return issue;
      return { ...issue, state: 'resolved', since: at, resolved_by: 'person', muted: null, muted_until: null };
    case 'reopen':
      return isOpen ? issue : { ...issue, state: 'ongoing', since: at, resolved_by: null };
    case 'mute_until':
      if (!isOpen) return issue;
      return { ...issue, muted: 'until', muted_by: by, muted_until: act.until ?? null };
    case 'mute_occurrences':
      if (!isOpen) return issue;
      return { ...issue, muted: 'occurrences', muted_by: by, muted_left: act.occurrences ?? null };
    case 'mute_next_version':
      if (!isOpen) return issue;
      return { ...issue, muted: 'next_version', muted_by: by };
    case 'unmute':
      return { ...issue, muted: null, muted_until: null, muted_left: null };
    case 'assign':
      return { ...issue, assignee: text };
    case 'note':
      return { ...issue, note: text };
    case 'runbook':
      return { ...issue, runbook: text };
  }
}
