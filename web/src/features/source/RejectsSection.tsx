import { useRejects } from '../../api/sources';
import { number } from '../../format/number';
import { ErrorText } from '../../parts/ErrorText';
import { ExportLinks } from '../../parts/ExportLinks';
import { More } from '../../parts/More';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import { Skeleton } from '../../parts/Skeleton';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import styles from './RejectsSection.module.css';

/** Records that could not become rows: where, why, and as they are written. */
export function RejectsSection({ batch }: { batch: number }) {
  const { t } = useWords();
  const lang = useLang();
  const rejects = useRejects(batch);
  const items = rejects.data?.pages.flatMap((page) => page.items) ?? [];
  const files = <ExportLinks path={`/api/v1/batches/${batch}/rejects`} />;
  return (
    <Section title={t('sources.rejectsOfBatch', { batch })} {...(items.length > 0 ? { aside: files } : {})}>
      {rejects.error && <ProblemPanel error={rejects.error} retry={() => void rejects.refetch()} />}
      {rejects.isPending && <Skeleton lines={6} height={300} />}
      {rejects.data && items.length === 0 && <p>{t('sources.noReject')}</p>}
      <ol className={styles.list}>
        {items.map((reject, index) => (
          <li key={index}>
            <b>{reject.reason_name ?? reject.reason}</b>
            <span className={styles.where}>
              {' · '}
              {t('sources.line', { told: number(reject.line, lang) })}
              {reject.column !== null && ` · ${reject.column}`}
              {reject.detail !== '' && ` · ${reject.detail}`}
            </span>
            <ErrorText text={reject.raw} lines={3} canCopy />
          </li>
        ))}
      </ol>
      <More query={rejects} />
    </Section>
  );
}
