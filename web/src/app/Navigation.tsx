import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import styles from './Navigation.module.css';
import { PAGES } from './pages';

export function Navigation() {
  const { t } = useTranslation();
  return (
    <nav className={styles.nav} aria-label={t('nav.label')}>
      {PAGES.map(({ to, name }) => (
        <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }}>
          {t(`nav.${name}`)}
        </Link>
      ))}
    </nav>
  );
}
