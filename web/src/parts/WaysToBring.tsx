import { useWords } from '../words/useWords';
import styles from './WaysToBring.module.css';

/** How logs come in without a browser, and where there are some to look at first. */
export function WaysToBring({ watched }: { watched: string[] }) {
  const { t } = useWords();
  return (
    <ul className={styles.ways}>
      {watched.length > 0 && (
        <li>
          {t('empty.folder')}
          <pre>{watched.join('\n')}</pre>
        </li>
      )}
      <li>
        {t('empty.load')}
        <pre>smartetl load /path/to/logs</pre>
      </li>
      <li>
        {t('empty.demo')}
        <pre>smartetl up --demo</pre>
      </li>
    </ul>
  );
}
