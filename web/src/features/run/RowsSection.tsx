import { useRunRows } from '../../api/runRows';
import { number } from '../../format/number';
import { ExportLinks } from '../../parts/ExportLinks';
import { MOST_OF_FILE } from '../../parts/exportAddress';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import { Skeleton } from '../../parts/Skeleton';
import { TextButton } from '../../parts/TextButton';
import { useWords } from '../../words/useWords';
import { RowsList } from './RowsList';
import styles from './RowsSection.module.css';

/** What was logged, around the error where there is one. */
export function RowsSection({ runKey, hasError }: { runKey: string; hasError: boolean }) {
  const { t, lang } = useWords();
  const rows = useRunRows(runKey, hasError);
  const pages = rows.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const asked = pages.findIndex((page) => page.focus !== null);
  const before = pages.slice(0, Math.max(asked, 0)).reduce((sum, page) => sum + page.items.length, 0);
  const focus = asked === -1 ? -1 : before + (pages[asked]?.focus ?? 0);
  const aside = (
    <div className={styles.aside}>
      {rows.hasPreviousPage && (
        <TextButton act={() => void rows.fetchPreviousPage()}>{t('run.earlierRows')}</TextButton>
      )}
      {items.length > 0 && (
        <ExportLinks
          path={`/api/v1/runs/${encodeURIComponent(runKey)}/rows`}
          what={t('run.rowsFile', { most: number(MOST_OF_FILE, lang) })}
        />
      )}
    </div>
  );
  return (
    <Section title={t(hasError ? 'run.rowsAround' : 'run.rows')} aside={aside}>
      {rows.error && <ProblemPanel error={rows.error} retry={() => void rows.refetch()} />}
      {rows.isPending && <Skeleton lines={10} height={420} />}
      {rows.data && <RowsList rows={items} focus={focus} query={rows} />}
      {pages.some((page) => page.is_cut) && <p>{t('run.cut')}</p>}
    </Section>
  );
}
