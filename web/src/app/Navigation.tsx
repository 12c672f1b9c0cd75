import { Link } from '@tanstack/react-router';
import { useWords } from '../words/useWords';
import styles from './Navigation.module.css';
import { PAGES } from './pages';

export function Navigation() {
  const { t } = useWords();
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
