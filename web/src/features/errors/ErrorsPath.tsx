import { Link } from '@tanstack/react-router';
import type { ErrorsSearch } from '../../app/search';
import head from '../../parts/head.module.css';
import { useWords } from '../../words/useWords';
import { shortId } from './shortId';

/** What the errors belong to, with the way back. */
export function ErrorsPath({ search: { issue, run } }: { search: ErrorsSearch }) {
  const { t } = useWords();
  return (
    <div className={head.top}>
      {run === undefined ? (
        <Link to="/issues">{t('issues.title')}</Link>
      ) : (
        <>
          <Link to="/runs">{t('runs.title')}</Link> ›{' '}
          <Link to="/runs/$key" params={{ key: run }}>
            {shortId(run)}
          </Link>
        </>
      )}
      {issue !== undefined && (
        <>
          {' › '}
          <Link to="/issues/$id" params={{ id: issue }}>
            {shortId(issue)}
          </Link>
        </>
      )}{' '}
      › {t('errors.title')}
    </div>
  );
}
