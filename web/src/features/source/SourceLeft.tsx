import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent } from 'react';
import { isOver, useTask } from '../../api/uploads';
import head from '../../parts/head.module.css';
import { TaskProgress } from '../../parts/TaskProgress';

export interface Leaving {
  task: number;
  name: string;
}

interface Props {
  left: Leaving;
  title: string;
  /** It failed: the source stands where it stood. */
  back: () => void;
}

/** A source that is read again or taken back. What is read again has another number then, and the page goes there. */
export function SourceLeft({ left: { task, name }, title, back }: Props) {
  const navigate = useNavigate();
  const { data } = useTask(task);
  const now = data && isOver(data) ? data.source : null;
  const goOn = (source: number) => {
    void navigate({ to: '/sources/$source', params: { source: String(source) }, search: { task }, replace: true });
    back();
  };
  const isDone = data?.state === 'done';
  const arrive = useEffectEvent(goOn);
  useEffect(() => {
    if (isDone && now !== null) arrive(now);
  }, [isDone, now]);
  return (
    <article>
      <div className={head.top}>
        <Link to="/sources">{title}</Link> ›
      </div>
      <h1 className={head.path}>{name}</h1>
      <TaskProgress
        task={task}
        back={() => {
          if (now === null) back();
          else goOn(now);
        }}
      />
    </article>
  );
}
