import { Link } from '@tanstack/react-router';
import { useWords } from '../../words/useWords';
import styles from './OnlyOf.module.css';
import { shortId } from './shortId';

/** Errors of one thing only: a filter that is not typed, and is taken away by a click. */
export function OnlyOf({ name, id }: { name: 'issue' | 'run'; id: string | undefined }) {
  const { t } = useWords();
  if (id === undefined) return null;
  const told = { id: shortId(id) };
  return (
    <Link to="/errors" search={(before) => ({ ...before, [name]: undefined })} className={styles.only}>
      <span className="hidden">{t('errors.takeAway')}</span>{' '}
      {name === 'issue' ? t('tonight.issue', told) : t('errors.run', told)} <span aria-hidden>✕</span>
    </Link>
  );
}
