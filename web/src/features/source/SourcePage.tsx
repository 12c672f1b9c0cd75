import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Problem } from '../../api/problem';
import { useSource } from '../../api/source';
import { useBatches } from '../../api/sources';
import { useTitle } from '../../app/useTitle';
import head from '../../parts/head.module.css';
import { More } from '../../parts/More';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Skeleton } from '../../parts/Skeleton';
import { TaskProgress } from '../../parts/TaskProgress';
import { useWords } from '../../words/useWords';
import { BatchesTable } from './BatchesTable';
import { RejectsSection } from './RejectsSection';
import { SourceActs } from './SourceActs';
import { SourceLeft, type Leaving } from './SourceLeft';

/** What was stored of one source, and the records of a batch that could not become rows. */
export function SourcePage() {
  const { t } = useWords();
  const { source } = useParams({ from: '/sources/$source' });
  const { batch, task } = useSearch({ from: '/sources/$source' });
  const isNumber = /^\d{1,15}$/.test(source) && Number(source) > 0;
  if (!isNumber) return <ProblemPanel error={new Problem(404, {})} isPage />;
  return <SourceOf key={source} source={Number(source)} chosen={batch} done={task} title={t('sources.title')} />;
}

interface OfSource {
  source: number;
  chosen: number | undefined;
  /** The task whose result is told. */
  done: number | undefined;
  title: string;
}

/** The source, until it is read again or taken back: then what comes of that stands in its place. */
function SourceOf({ source, chosen, done, title }: OfSource) {
  const [leaving, setLeaving] = useState<Leaving>();
  // Once it is gone, nothing is there to ask for.
  const { data } = useSource(source, leaving === undefined);
  const underway = data?.task == null ? undefined : { task: data.task, name: data.source.name ?? data.source.path };
  const left = leaving ?? underway;
  if (!left) return <SourceRead source={source} chosen={chosen} done={done} title={title} leave={setLeaving} />;
  return (
    <SourceLeft
      key={left.task}
      left={left}
      title={title}
      back={() => {
        setLeaving(undefined);
      }}
    />
  );
}

interface Props extends OfSource {
  leave: (how: Leaving) => void;
}

function SourceRead({ source, chosen, done, title, leave }: Props) {
  const { t } = useWords();
  const batches = useBatches(source);
  const items = batches.data?.pages.flatMap((page) => page.items) ?? [];
  const path = items[0]?.path ?? undefined;
  const sentAs = useSource(source).data?.source.name ?? undefined;
  const name = sentAs ?? path ?? title;
  useTitle(name.split('/').at(-1) ?? title);
  const shown = chosen ?? items.find((batch) => batch.rejects > 0)?.batch;
  if (batches.data && items.length === 0) return <ProblemPanel error={new Problem(404, {})} isPage />;
  return (
    <article>
      <div className={head.top}>
        <Link to="/sources">{title}</Link> ›
      </div>
      <h1 className={head.path}>{name}</h1>
      {sentAs !== undefined && <p className={head.facts}>{path}</p>}
      <SourceActs
        source={source}
        leave={(task) => {
          leave({ task, name });
        }}
      />
      {done !== undefined && <TaskProgress key={done} task={done} isHere />}
      {batches.error && <ProblemPanel error={batches.error} retry={() => void batches.refetch()} />}
      {batches.isPending && <Skeleton lines={10} height={500} />}
      {items.length > 0 && <BatchesTable batches={items} source={source} shown={shown} />}
      <More query={batches} />
      {shown !== undefined && <RejectsSection batch={shown} />}
      {items.length > 0 && shown === undefined && <p>{t('sources.noReject')}</p>}
    </article>
  );
}
