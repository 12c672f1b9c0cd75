import type { Night } from '../../api/night';
import { Moment } from '../../parts/Moment';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

/** `usually started by 03:10, due 06:00, vital` */
export function NotSeenItem({ item, day }: { item: Night['not_seen'][number]; day: string }) {
  const { t } = useWords();
  const word = useWord();
  return (
    <>
      {item.usually_started_by !== null && (
        <>
          {t('tonight.beginsBy')} <Moment at={item.usually_started_by} night={day} />
        </>
      )}
      {item.deadline_at !== null && (
        <>
          , {t('tonight.dueBy')} <Moment at={item.deadline_at} night={day} />
        </>
      )}
      {item.criticality === 1 && `, ${word('criticality', '1')}`}
    </>
  );
}
