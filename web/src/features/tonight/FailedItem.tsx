import type { Night } from '../../api/night';
import { Moment } from '../../parts/Moment';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

/** `failed at 02:14 · connection, to act: platform team` */
export function FailedItem({ item, day }: { item: Night['failed'][number]; day: string }) {
  const { t } = useWords();
  const word = useWord();
  return (
    <>
      {t('tonight.failedAt')} <Moment at={item.first_failure_at ?? item.last_event_at} night={day} />
      {item.category !== null && ` · ${word('category', item.category)}`}
      {item.blame !== null && ` · ${t('tonight.toActIs', { who: word('blame', item.blame) })}`}
    </>
  );
}
