import { useTeller } from '../app/useTeller';
import { dayAndTime, exact, inNight, moment, momentAndAge, seconds } from '../format/moment';
import { NONE } from '../format/number';

interface Props {
  at: string | null | undefined;
  /** `02:14 (5 h ago)` */
  withAge?: boolean;
  /** Told as of this night: without the day where it is of it. */
  night?: string;
  /** `23 Nov 02:14`, today as well. */
  withDay?: boolean;
  /** `02:14:05`, where the day is known. */
  withSeconds?: boolean;
}

/** A moment as people say it; its exact time when it is pointed at. */
export function Moment({ at, withAge = false, night, withDay = false, withSeconds = false }: Props) {
  const teller = useTeller();
  if (at === null || at === undefined) return <>{NONE}</>;
  let told = moment(at, teller);
  if (night !== undefined) told = inNight(at, night, teller);
  else if (withDay) told = dayAndTime(at, teller);
  else if (withSeconds) told = seconds(at, teller);
  else if (withAge) told = momentAndAge(at, teller);
  return (
    <time dateTime={at} title={exact(at, teller)}>
      {told}
    </time>
  );
}
