import { isOver, type Task, type Upload } from '../../api/uploads';

/** What is said of a file: what it is, until it is loaded; then what came of that. */
export function uploadTold({ recognised, proposal, upload }: Upload, task: Task | undefined) {
  if (task && !isOver(task)) return { tone: 'plain', key: 'loading' } as const;
  if (task?.state === 'failed') return { tone: 'bad', key: 'notLoaded' } as const;
  if (task?.loaded?.nothing_new === true) return { tone: 'plain', key: 'nothingNew' } as const;
  if (task || upload.source !== null) return { tone: 'plain', key: 'loaded' } as const;
  if (recognised) return { tone: 'plain', key: 'readAs' } as const;
  return { tone: 'bad', key: proposal ? 'unknown' : 'unreadable' } as const;
}
