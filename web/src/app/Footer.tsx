import { useAbout } from '../api/about';
import { useWords } from '../words/useWords';
import styles from './Footer.module.css';

export function Footer() {
  const { t } = useWords();
  const { data: about } = useAbout();
  return (
    <footer className={styles.footer}>
      {about && (
        <>
          {about.timezone !== null && <span>{t('frame.zone', { zone: about.timezone })}</span>}
          <span>smartETL {about.version}</span>
        </>
      )}
    </footer>
  );
}
