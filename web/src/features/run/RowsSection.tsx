import { useRunRows } from '../../api/runRows';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import { Skeleton } from '../../parts/Skeleton';
import { TextButton } from '../../parts/TextButton';
import { useWords } from '../../words/useWords';
import { RowsList } from './RowsList';

/** What was logged, around the error where there is one. */
export function RowsSection({ runKey, hasError }: { runKey: string; hasError: boolean }) {
  const { t } = useWords();
  const rows = useRunRows(runKey, hasError);
  const pages = rows.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const asked = pages.findIndex((page) => page.focus !== null);
  const before = pages.slice(0, Math.max(asked, 0)).reduce((sum, page) => sum + page.items.length, 0);
  const focus = asked === -1 ? -1 : before + (pages[asked]?.focus ?? 0);
  const earlier = rows.hasPreviousPage && (
    <TextButton act={() => void rows.fetchPreviousPage()}>{t('run.earlierRows')}</TextButton>
  );
  return (
    <Section title={t(hasError ? 'run.rowsAround' : 'run.rows')} aside={earlier}>
      {rows.error && <ProblemPanel error={rows.error} retry={() => void rows.refetch()} />}
      {rows.isPending && <Skeleton lines={10} height={420} />}
      {rows.data && <RowsList rows={items} focus={focus} query={rows} />}
      {pages.some((page) => page.is_cut) && <p>{t('run.cut')}</p>}
    </Section>
  );
}
