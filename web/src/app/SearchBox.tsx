import { useNavigate } from '@tanstack/react-router';
import { useWords } from '../words/useWords';
import styles from './SearchBox.module.css';

/** Finds what people remember; `/` comes here. */
export function SearchBox() {
  const { t } = useWords();
  const navigate = useNavigate();
  return (
    <form
      role="search"
      className={styles.box}
      onSubmit={(event) => {
        event.preventDefault();
        const q = new FormData(event.currentTarget).get('q');
        if (typeof q === 'string' && q.trim() !== '') void navigate({ to: '/search', search: { q: q.trim() } });
      }}
    >
      <input type="search" name="q" aria-label={t('frame.search')} placeholder={t('frame.search')} data-key="search" />
      <kbd aria-hidden>/</kbd>
    </form>
  );
}
