import type { Preview } from '../../api/uploads';
import { Moment } from '../../parts/Moment';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import styles from './upload.module.css';

/** The first rows of one table; nothing where there is none. */
export function PreviewRows({ title, rows }: { title: string; rows: Preview['log'] }) {
  const { t } = useWords();
  if (rows.length === 0) return null;
  return (
    <div className={table.wide} role="region" aria-label={title} tabIndex={0}>
      <table className={`${table.table} ${table.dense} ${styles.rows}`}>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th>{t('issue.when')}</th>
            <th>{t('runs.job')}</th>
            <th className={table.secondary}>{t('upload.run')}</th>
            <th>{t('upload.step')}</th>
            <th>{t('upload.what')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <td className={table.tight}>
                <Moment at={row.moment} />
              </td>
              <td className={table.name}>{row.job}</td>
              <td className={`${table.tight} ${table.secondary}`}>{row.run_id}</td>
              <td>{row.step}</td>
              <td>
                {row.what} <code>{row.text}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
