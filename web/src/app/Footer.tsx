import { useTranslation } from 'react-i18next';
import { useAbout } from '../api/about';
import styles from './Footer.module.css';

export function Footer() {
  const { t } = useTranslation();
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
