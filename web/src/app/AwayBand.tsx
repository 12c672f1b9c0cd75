import { useAbout } from '../api/about';
import { moment } from '../format/moment';
import { useWords } from '../words/useWords';
import styles from './Band.module.css';
import { useTeller } from './useTeller';

/** smartETL was there and does not answer now: what is shown is told by its age. */
export function AwayBand() {
  const { t } = useWords();
  const about = useAbout();
  const teller = useTeller();
  if (!about.isError || about.data === undefined) return null;
  const at = moment(new Date(about.dataUpdatedAt).toISOString(), teller);
  return (
    <div className={styles.warn} role="alert">
      {t('frame.away', { at })}
    </div>
  );
}
