import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import styles from './SearchBox.module.css';

/** A part of a name; whoever writes a star says where the rest is. */
const named = (text: string) => (text.includes('*') ? text : `*${text}*`);

/** Finds runs by the name of their job; `/` comes here. */
export function SearchBox() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <form
      role="search"
      className={styles.box}
      onSubmit={(event) => {
        event.preventDefault();
        const q = new FormData(event.currentTarget).get('q');
        if (typeof q !== 'string' || q.trim() === '') return;
        void navigate({ to: '/runs', search: { job: named(q.trim()) } });
      }}
    >
      <input type="search" name="q" aria-label={t('frame.search')} placeholder={t('frame.search')} data-key="search" />
      <kbd aria-hidden>/</kbd>
    </form>
  );
}
