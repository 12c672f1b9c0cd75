import type { Night } from '../../api/night';
import { useTeller } from '../../app/useTeller';
import { inNight } from '../../format/moment';
import { useWords } from '../../words/useWords';
import styles from './Silence.module.css';

/** No log has come for long, and more should have: what started since cannot be known. */
export function Silence({ night }: { night: Night }) {
  const { t } = useWords();
  const teller = useTeller();
  if (night.no_logs_since === null) return null;
  return (
    <p className={styles.silence}>
      {t('tonight.noLogsSince', { at: inNight(night.no_logs_since, night.business_day, teller) })}
    </p>
  );
}
