import { Link } from '@tanstack/react-router';
import { useAbout } from '../../api/about';
import { useSources } from '../../api/sources';
import { useTitle } from '../../app/useTitle';
import { optionNumber } from '../../format/number';
import { DropZone } from '../../parts/DropZone';
import { ExportLinks } from '../../parts/ExportLinks';
import { Moment } from '../../parts/Moment';
import { More } from '../../parts/More';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Skeleton } from '../../parts/Skeleton';
import { WaysToBring } from '../../parts/WaysToBring';
import filters from '../../parts/filters.module.css';
import table from '../../parts/table.module.css';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import { SourcesSentence } from './SourcesSentence';
import { TopicsSection } from './TopicsSection';

/** What was read, and what of it could not become rows. */
export function SourcesPage() {
  const { t } = useWords();
  const lang = useLang();
  const sources = useSources();
  const { data: about } = useAbout();
  useTitle(t('sources.title'));
  const items = sources.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {sources.data ? <SourcesSentence sources={items} hasMore={sources.hasNextPage} /> : <h1>{t('sources.title')}</h1>}
      <DropZone />
      {items.length > 0 && (
        <div className={filters.bar}>
          <ExportLinks path="/api/v1/sources" />
        </div>
      )}
      {sources.error && <ProblemPanel error={sources.error} retry={() => void sources.refetch()} />}
      {sources.isPending && <Skeleton lines={12} height={600} />}
      {sources.data && items.length === 0 && <WaysToBring watched={about?.watched ?? []} />}
      {items.length > 0 && (
        <div className={table.wide}>
          <table className={`${table.table} ${table.dense}`}>
            <thead>
              <tr>
                <th>{t('sources.source')}</th>
                <th className={table.secondary}>{t('sources.dialect')}</th>
                <th className={`${table.number} ${table.secondary}`}>{t('sources.batches')}</th>
                <th className={`${table.number} ${table.secondary}`}>{t('sources.rows')}</th>
                <th className={`${table.number} ${table.secondary}`}>{t('sources.errors')}</th>
                <th className={table.number}>{t('sources.rejects')}</th>
                <th className={table.secondary}>{t('sources.stored')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((source) => (
                <tr key={source.source}>
                  <td className={table.path}>
                    <Link to="/sources/$source" params={{ source: String(source.source) }} data-row="">
                      {source.name ?? source.path}
                    </Link>
                  </td>
                  <td className={`${table.tight} ${table.secondary}`}>{source.dialect ?? '–'}</td>
                  <td className={`${table.number} ${table.secondary}`}>{optionNumber(source.batches, lang)}</td>
                  <td className={`${table.number} ${table.secondary}`}>{optionNumber(source.rows_log, lang)}</td>
                  <td className={`${table.number} ${table.secondary}`}>{optionNumber(source.rows_error, lang)}</td>
                  <td className={`${table.number} ${source.rejects > 0 ? table.bad : ''}`}>
                    {optionNumber(source.rejects, lang)}
                  </td>
                  <td className={`${table.tight} ${table.secondary}`}>
                    <Moment at={source.committed_at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More query={sources} />
      <TopicsSection />
    </>
  );
}
