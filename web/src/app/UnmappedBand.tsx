import { useAbout } from '../api/about';
import { number } from '../format/number';
import { useLang } from '../words/useLang';
import { useWords } from '../words/useWords';
import styles from './Band.module.css';

const NAMED = 5;

/** Contexts that nobody has mapped to an environment: their runs are in no night. */
export function UnmappedBand() {
  const { t } = useWords();
  const lang = useLang();
  const { data: about } = useAbout();
  const contexts = about?.unmapped_contexts ?? [];
  if (contexts.length === 0) return null;
  const named = contexts
    .slice(0, NAMED)
    .map(({ context, runs }) => `${context ?? t('frame.noContext')} (${number(runs, lang)})`);
  const names = contexts.length > NAMED ? [...named, '…'] : named;
  return (
    <aside className={styles.warn} aria-label={t('frame.unmappedLabel')}>
      {t('frame.unmapped', { count: contexts.length, told: number(contexts.length, lang), names: names.join(', ') })}{' '}
      {t('frame.unmappedWhat')}
    </aside>
  );
}
