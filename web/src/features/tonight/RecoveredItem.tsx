import type { Night } from '../../api/night';
import { Moment } from '../../parts/Moment';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

/** `failed 03:10, recovered 07:40 by a rerun, usually ready by 03:30` */
export function RecoveredItem({ item, day }: { item: Night['recovered'][number]; day: string }) {
  const { t } = useWords();
  const word = useWord();
  return (
    <>
      {t('tonight.failedAt')} <Moment at={item.first_failure_at} night={day} />
      {item.category !== null && ` (${word('category', item.category)})`}, {t('tonight.recoveredAt')}{' '}
      <Moment at={item.recovered_at} night={day} />
      {item.recovered_by !== null && ` ${word('recoveredBy', item.recovered_by)}`}
    </>
  );
}
