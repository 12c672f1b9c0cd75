import { Link } from '@tanstack/react-router';
import { useWords } from '../words/useWords';
import styles from './OnlyOf.module.css';

interface Props {
  list: '/runs' | '/errors';
  name: 'issue' | 'run' | 'project' | 'system';
  /** The filter in words; nothing where it is not set. */
  told: string | undefined;
}

/** Of one thing only: a filter that is not typed, and is taken away by a click. */
export function OnlyOf({ list, name, told }: Props) {
  const { t } = useWords();
  if (told === undefined) return null;
  return (
    <Link to={list} search={(before) => ({ ...before, [name]: undefined })} className={styles.only}>
      <span className="hidden">{t('runs.takeAway')}</span> {told} <span aria-hidden>✕</span>
    </Link>
  );
}
