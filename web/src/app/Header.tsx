import { Link } from '@tanstack/react-router';
import { EnvironmentSelect } from './EnvironmentSelect';
import styles from './Header.module.css';
import { HelpButton } from './HelpButton';
import { LanguageSwitch } from './LanguageSwitch';
import { Navigation } from './Navigation';
import { SchemeSwitch } from './SchemeSwitch';
import { SearchBox } from './SearchBox';
import { UserMenu } from './UserMenu';

export function Header() {
  return (
    <header className={styles.header}>
      <Link to="/" className={styles.brand}>
        smartETL
      </Link>
      <Navigation />
      <div className={styles.tools}>
        <EnvironmentSelect />
        <SearchBox />
        <LanguageSwitch />
        <SchemeSwitch />
        <HelpButton />
        <UserMenu />
      </div>
    </header>
  );
}
