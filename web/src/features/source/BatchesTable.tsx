import { Link } from '@tanstack/react-router';
import type { Batch } from '../../api/sources';
import { number } from '../../format/number';
import { ExportLinks } from '../../parts/ExportLinks';
import { Moment } from '../../parts/Moment';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';

interface Props {
  batches: Batch[];
  source: number;
  /** Whose rejects are listed below. */
  shown: number | undefined;
}

export function BatchesTable({ batches, source, shown }: Props) {
  const { t } = useWords();
  const lang = useLang();
  const files = <ExportLinks path="/api/v1/batches" filter={{ source }} />;
  return (
    <Section title={t('sources.batchesOf')} aside={files}>
      <div className={table.wide}>
        <table className={`${table.table} ${table.dense}`}>
          <thead>
            <tr>
              <th>{t('sources.batch')}</th>
              <th>{t('sources.stored')}</th>
              <th className={table.secondary}>{t('sources.dialect')}</th>
              <th className={`${table.number} ${table.secondary}`}>{t('sources.fromLine')}</th>
              <th className={table.number}>{t('sources.records')}</th>
              <th className={`${table.number} ${table.secondary}`}>{t('sources.rows')}</th>
              <th className={`${table.number} ${table.secondary}`}>{t('sources.errors')}</th>
              <th className={`${table.number} ${table.secondary}`}>{t('sources.silent')}</th>
              <th className={table.number}>{t('sources.rejects')}</th>
            </tr>
          </thead>
          <tbody>
            {batches.map((batch) => (
              <tr key={batch.batch} aria-current={batch.batch === shown ? 'true' : undefined}>
                <td>{batch.batch}</td>
                <td className={table.tight}>
                  <Moment at={batch.committed_at} />
                </td>
                <td className={`${table.tight} ${table.secondary}`}>{batch.dialect}</td>
                <td className={`${table.number} ${table.secondary}`}>{number(batch.first_line, lang)}</td>
                <td className={table.number}>{number(batch.records, lang)}</td>
                <td className={`${table.number} ${table.secondary}`}>{number(batch.rows_log, lang)}</td>
                <td className={`${table.number} ${table.secondary}`}>{number(batch.rows_error, lang)}</td>
                <td className={`${table.number} ${table.secondary}`}>{number(batch.silent, lang)}</td>
                <td className={table.number}>
                  {batch.rejects === 0 ? (
                    0
                  ) : (
                    <Link
                      to="/sources/$source"
                      params={{ source: String(source) }}
                      search={{ batch: batch.batch }}
                      className={table.bad}
                      data-row=""
                    >
                      {number(batch.rejects, lang)}
                    </Link>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
