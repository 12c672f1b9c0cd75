import type { JobNight } from '../../api/job';
import { useTeller } from '../../app/useTeller';
import { NONE } from '../../format/number';
import { Due } from '../../parts/Due';
import { useWords } from '../../words/useWords';

/** How long before its deadline the night was ready, or that it was not. */
export function NightDue({ night: { deadline_at: deadline, ready_at: ready } }: { night: JobNight }) {
  const { t } = useWords();
  const { now } = useTeller();
  if (deadline === null) return NONE;
  if (ready === null) return t(Date.parse(deadline) < now ? 'due.missed' : 'due.open');
  const margin = Date.parse(deadline) - Date.parse(ready);
  return <Due state={margin < 0 ? 'missed' : 'kept'} margin={margin} />;
}
