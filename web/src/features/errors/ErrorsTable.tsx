import type { ErrorFacts } from '../../api/errors';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { ErrorsRow } from './ErrorsRow';

export function ErrorsTable({ errors }: { errors: ErrorFacts[] }) {
  const { t } = useWords();
  return (
    <div className={table.wide}>
      <table className={`${table.table} ${table.dense}`}>
        <thead>
          <tr>
            <th>{t('issue.when')}</th>
            <th>{t('runs.job')}</th>
            <th>{t('errors.error')}</th>
            <th className={table.secondary}>{t('tonight.toAct')}</th>
          </tr>
        </thead>
        <tbody>
          {errors.map((error) => (
            <ErrorsRow key={error.error} error={error} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
