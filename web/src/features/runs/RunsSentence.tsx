import type { Run } from '../../api/runs';
import { useTeller } from '../../app/useTeller';
import type { RunsSearch } from '../../app/search';
import { night } from '../../format/day';
import { colonOf } from '../../format/lang';
import { number } from '../../format/number';
import { Sentence } from '../../parts/Sentence';
import { useWords } from '../../words/useWords';

/** `Night of 22 to 23 November: 214 runs, 3 of them failed, 1 never ended.` */
export function RunsSentence({ runs, hasMore, search }: { runs: Run[]; hasMore: boolean; search: RunsSearch }) {
  const { t } = useWords();
  const teller = useTeller();
  const told = number(runs.length, teller.lang);
  const colon = colonOf(teller.lang);
  const night_ = search.day === undefined ? [] : [{ tone: 'quiet', text: `${night(search.day, teller)}${colon}` }];
  const many = hasMore ? t('runs.atLeast', { told }) : t('runs.sentence', { count: runs.length, told });
  // Of a part of them no number is told: the others may have failed, too.
  const counted = hasMore ? [] : (['failed', 'lost'] as const);
  const bad = counted
    .map((status) => ({ status, count: runs.filter((run) => run.status === status).length }))
    .filter(({ count }) => count > 0);
  const end = (index: number) => (index === bad.length ? '.' : ',');
  const parts = [
    ...night_,
    { tone: 'plain', text: `${many}${end(0)}` },
    ...bad.map(({ status, count }, index) => ({
      tone: 'bad',
      text: `${t(`runs.shown.${status}`, { told: number(count, teller.lang) })}${end(index + 1)}`,
    })),
  ];
  return <Sentence parts={parts} />;
}
