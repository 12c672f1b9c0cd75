import { Link } from '@tanstack/react-router';
import type { JobColumn } from '../../app/search';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';

interface Props {
  column: JobColumn;
  sort: JobColumn | undefined;
  isNumber?: boolean;
  isSecondary?: boolean;
}

/** The head of a column that can be sorted by; once more, and the order is that of the answer again. */
export function SortHead({ column, sort, isNumber = false, isSecondary = false }: Props) {
  const { t } = useWords();
  const name = t(`jobs.${column}`);
  const isSorted = sort === column;
  const classes = [isNumber && table.number, isSecondary && table.secondary].filter(Boolean).join(' ');
  return (
    <th className={classes} aria-sort={isSorted ? 'ascending' : 'none'}>
      <Link
        to="/jobs"
        search={(before) => ({ ...before, sort: isSorted ? undefined : column })}
        title={t('jobs.sort', { column: name })}
      >
        {name}
        {isSorted && ' ↓'}
      </Link>
    </th>
  );
}
