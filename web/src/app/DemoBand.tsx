import { useAbout } from '../api/about';
import { useWords } from '../words/useWords';
import styles from './Band.module.css';

/** Simulated data are never taken for real ones. */
export function DemoBand() {
  const { t } = useWords();
  const { data: about } = useAbout();
  if (!about?.demo) return null;
  return (
    <aside className={styles.demo} aria-label={t('frame.demo')}>
      <b>{t('frame.demo')}</b> {t('frame.demoText')}
    </aside>
  );
}
