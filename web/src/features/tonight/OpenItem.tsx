import type { Night } from '../../api/night';
import { Moment } from '../../parts/Moment';
import { useWords } from '../../words/useWords';

/** `started 02:06, last sign of life 03:36` */
export function OpenItem({ item, day }: { item: Night['running'][number]; day: string }) {
  const { t } = useWords();
  return (
    <>
      {t('tonight.startedAt')} <Moment at={item.started_at} night={day} />, {t('tonight.lastSign')}{' '}
      <Moment at={item.last_event_at} night={day} />
      {item.usually_ready_by !== null && (
        <>
          , {t('tonight.usuallyBy')} <Moment at={item.usually_ready_by} night={day} />
        </>
      )}
    </>
  );
}
