import type { About } from '../api/about';
import { Nothing } from '../parts/Nothing';
import { useWords } from '../words/useWords';
import styles from './NothingYet.module.css';

/** No night yet: three ways to bring logs, or why stored ones make none. */
export function NothingYet({ about }: { about: About }) {
  const { t } = useWords();
  if (!about.empty) {
    return <Nothing title={t('empty.noNight')} {...(about.scheduled ? { what: t('empty.scheduled') } : {})} />;
  }
  return (
    <Nothing title={t('empty.title')} what={t('empty.text')}>
      <ol className={styles.ways}>
        {about.watched.length > 0 && (
          <li>
            {t('empty.folder')}
            <pre>{about.watched.join('\n')}</pre>
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
      </ol>
    </Nothing>
  );
}
