import type { Preview } from '../../api/uploads';
import { number } from '../../format/number';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import { PreviewRows } from './PreviewRows';
import styles from './upload.module.css';

/** What would come out: rows as they would be stored, and why others could not be. */
export function PreviewSection({ preview, isOld }: { preview: Preview; isOld: boolean }) {
  const { t } = useWords();
  const lang = useLang();
  const rejected = preview.rejects.reduce((sum, reject) => sum + reject.records, 0);
  const counts = [
    t(preview.more ? 'upload.firstRecords' : 'upload.records', {
      count: preview.records,
      told: number(preview.records, lang),
    }),
    t('sources.rowsOf', { count: preview.rows_log, told: number(preview.rows_log, lang) }),
    t('upload.errors', { count: preview.rows_error, told: number(preview.rows_error, lang) }),
    preview.silent === 0 ? null : t('upload.silent', { count: preview.silent, told: number(preview.silent, lang) }),
  ].filter((count) => count !== null);
  return (
    <Section title={t('upload.preview')}>
      <div className={isOld ? styles.old : undefined} aria-live="polite">
        <p>
          {counts.join(' · ')}
          {rejected > 0 && (
            <b className={styles.bad}> · {t('upload.rejected', { count: rejected, told: number(rejected, lang) })}</b>
          )}
        </p>
        {preview.failed !== null && <p className={styles.bad}>{preview.failed}</p>}
        {preview.rejects.length > 0 && (
          <ul className={styles.questions}>
            {preview.rejects.map((reject) => (
              <li key={`${reject.reason} ${reject.column ?? ''}`}>
                <b>{reject.reason_name ?? reject.reason}</b>
                {reject.column !== null && ` · ${reject.column}`} · {number(reject.records, lang)}
                {reject.examples.map((example) => (
                  <div key={example.line} className={table.sub}>
                    {t('sources.line', { told: number(example.line, lang) })} · {example.detail}
                  </div>
                ))}
              </li>
            ))}
          </ul>
        )}
        <PreviewRows title={t('sources.rows')} rows={preview.log} />
        <PreviewRows title={t('sources.errors')} rows={preview.logerreur} />
      </div>
    </Section>
  );
}
