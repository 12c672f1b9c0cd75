import { Link } from '@tanstack/react-router';
import { isOver, useTask, type Task } from '../api/uploads';
import { number, percent } from '../format/number';
import { useLang } from '../words/useLang';
import { useWord } from '../words/useWord';
import { useWords } from '../words/useWords';
import { Answer } from './Answer';
import styles from './TaskProgress.module.css';
import { TextButton } from './TextButton';

interface Props {
  task: number;
  /** A way back to what it failed to change; without it, a link to its source. */
  back?: () => void;
  /** It stands on the page of its source. */
  isHere?: boolean;
}

/** How far long work is, and what came of it; it goes on when the page is closed. */
export function TaskProgress({ task, back, isHere = false }: Props) {
  const told = useTask(task);
  return (
    <Answer query={told} lines={2} height={60}>
      {(data) => <TaskTold task={data} back={back} isHere={isHere} />}
    </Answer>
  );
}

export function TaskTold({ task, back, isHere }: { task: Task; back?: Props['back']; isHere: boolean }) {
  const { t } = useWords();
  const word = useWord();
  const lang = useLang();
  const share = task.total_bytes === null || task.total_bytes === 0 ? null : task.bytes / task.total_bytes;
  const { loaded, unloaded } = task;
  const rejects = loaded?.rejects.reduce((sum, { records }) => sum + records, 0) ?? 0;
  const counted = (key: 'task.stored' | 'task.reread' | 'task.back' | 'task.runs' | 'upload.rejected', count: number) =>
    t(key, { count, told: number(count, lang) });
  const sums = [
    unloaded && counted('task.back', unloaded.rows_log + unloaded.rows_error),
    loaded?.nothing_new === true
      ? t('task.nothingNew')
      : loaded && counted(task.kind === 'reload' ? 'task.reread' : 'task.stored', loaded.rows_log + loaded.rows_error),
    loaded?.runs == null ? null : counted('task.runs', loaded.runs),
    rejects === 0 ? null : counted('upload.rejected', rejects),
  ].filter((sum) => sum != null);
  return (
    <section className={styles.task} aria-live="polite">
      <p>
        <b>{word('taskKind', task.kind ?? '')}</b> · {word('taskState', task.state ?? '')}
        {!isOver(task) && share !== null && ` · ${percent(Math.min(share, 1), lang)}`}
      </p>
      {!isOver(task) && (
        <progress
          aria-label={word('taskState', task.state ?? '')}
          max={1}
          {...(share === null ? {} : { value: Math.min(share, 1) })}
        />
      )}
      {task.failed !== null && <p className={styles.failed}>{task.failed}</p>}
      {isOver(task) && <p>{sums.join(' · ')}</p>}
      {back && task.state === 'failed' && <TextButton act={back}>{t('task.toSource')} →</TextButton>}
      {!back && !isHere && task.source !== null && isOver(task) && (
        <Link to="/sources/$source" params={{ source: String(task.source) }}>
          {t('task.toSource')} →
        </Link>
      )}
    </section>
  );
}
