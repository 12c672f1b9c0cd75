import type { Night } from '../../api/night';
import { span } from '../../format/duration';
import { Moment } from '../../parts/Moment';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import styles from './LateItem.module.css';

/** `ready 05:48, usually by 05:30 (+18 min)` */
export function LateItem({ item, day }: { item: Night['late'][number]; day: string }) {
  const { t } = useWords();
  const lang = useLang();
  return (
    <>
      {item.ready_at === null ? (
        t('tonight.notReady')
      ) : (
        <>
          {t('tonight.readyAt')} <Moment at={item.ready_at} night={day} />
        </>
      )}
      , {t('tonight.usuallyBy')} <Moment at={item.usually_ready_by} night={day} />{' '}
      <span className={styles.late}>(+{span(item.late_ms, lang)})</span>
    </>
  );
}
