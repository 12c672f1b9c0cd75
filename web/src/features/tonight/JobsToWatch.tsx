import type { Night } from '../../api/night';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { LateItem } from './LateItem';
import { NotSeenItem } from './NotSeenItem';
import { OpenItem } from './OpenItem';
import { RecoveredItem } from './RecoveredItem';
import { WatchGroup } from './WatchGroup';
import { FailedItem } from './FailedItem';

/** What failed, never ended, runs, is late, was not seen, was recovered, with when and by whom. */
export function JobsToWatch({ night }: { night: Night }) {
  const { t } = useWords();
  const groups = [
    night.failed,
    night.lost,
    night.unverified,
    night.running,
    night.late,
    night.not_seen,
    night.recovered,
  ];
  const isCalm = groups.every((group) => group.length === 0);
  return (
    <Section title={t('tonight.watch')}>
      {isCalm && <p className={table.sub}>{t('tonight.allFine')}</p>}
      <WatchGroup of="failed" items={night.failed} night={night} Item={FailedItem} />
      <WatchGroup of="lost" items={night.lost} night={night} Item={OpenItem} />
      <WatchGroup of="unverified" items={night.unverified} night={night} Item={OpenItem} />
      <WatchGroup of="running" items={night.running} night={night} Item={OpenItem} />
      <WatchGroup of="late" items={night.late} night={night} Item={LateItem} />
      <WatchGroup of="not_seen" items={night.not_seen} night={night} Item={NotSeenItem} />
      <WatchGroup of="recovered" items={night.recovered} night={night} Item={RecoveredItem} />
    </Section>
  );
}
