import { Link, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../api/problem';
import { useBatches } from '../../api/sources';
import { useTitle } from '../../app/useTitle';
import head from '../../parts/head.module.css';
import { More } from '../../parts/More';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Skeleton } from '../../parts/Skeleton';
import { BatchesTable } from './BatchesTable';
import { RejectsSection } from './RejectsSection';
import { SourceActs } from './SourceActs';

/** What was stored of one source, and the records of a batch that could not become rows. */
export function SourcePage() {
  const { t } = useTranslation();
  const { source } = useParams({ from: '/sources/$source' });
  const { batch } = useSearch({ from: '/sources/$source' });
  const isNumber = /^\d{1,15}$/.test(source) && Number(source) > 0;
  if (!isNumber) return <ProblemPanel error={new Problem(404, {})} isPage />;
  return <SourceOf key={source} source={Number(source)} chosen={batch} title={t('sources.title')} />;
}

function SourceOf({ source, chosen, title }: { source: number; chosen: number | undefined; title: string }) {
  const { t } = useTranslation();
  const batches = useBatches(source);
  const items = batches.data?.pages.flatMap((page) => page.items) ?? [];
  const path = items[0]?.path ?? undefined;
  useTitle(path?.split('/').at(-1) ?? title);
  const shown = chosen ?? items.find((batch) => batch.rejects > 0)?.batch;
  if (batches.data && items.length === 0) return <ProblemPanel error={new Problem(404, {})} isPage />;
  return (
    <article>
      <div className={head.top}>
        <Link to="/sources">{title}</Link> ›
      </div>
      <h1 className={head.path}>{path ?? title}</h1>
      <SourceActs source={source} />
      {batches.error && <ProblemPanel error={batches.error} retry={() => void batches.refetch()} />}
      {batches.isPending && <Skeleton lines={10} height={500} />}
      {items.length > 0 && <BatchesTable batches={items} source={source} shown={shown} />}
      <More query={batches} />
      {shown !== undefined && <RejectsSection batch={shown} />}
      {items.length > 0 && shown === undefined && <p>{t('sources.noReject')}</p>}
    </article>
  );
}
