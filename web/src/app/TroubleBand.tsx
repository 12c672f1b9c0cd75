import { useAbout } from '../api/about';
import { number } from '../format/number';
import { useLang } from '../words/useLang';
import { useWords } from '../words/useWords';
import styles from './Band.module.css';

/** What keeps figures from being complete: a load that goes on, logs that cannot be stored, paths that cannot be read. */
export function TroubleBand() {
  const { t } = useWords();
  const lang = useLang();
  const { data: about } = useAbout();
  if (!about) return null;
  const { loading, intake_trouble: intake, fuse_trouble: fuse, unreadable } = about;
  if (!loading && intake === null && fuse === null && unreadable.length === 0) return null;
  const paths = unreadable.map(({ path, reason }) => `${path}: ${reason}`);
  return (
    <div className={styles.warn} role="status">
      {loading && <p>{t('empty.loading')}</p>}
      {intake !== null && (
        <p>
          {t('empty.intake')} {intake}
        </p>
      )}
      {fuse !== null && (
        <p>
          {t('empty.fuse')} {fuse}
        </p>
      )}
      {unreadable.length > 0 && (
        <details>
          <summary>
            {t('empty.unreadable', { count: unreadable.length, told: number(unreadable.length, lang) })}
          </summary>
          <ul>
            {paths.map((path) => (
              <li key={path}>{path}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
