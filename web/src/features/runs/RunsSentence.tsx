import type { Run } from '../../api/runs';
import { useTeller } from '../../app/useTeller';
import type { RunsSearch } from '../../app/search';
import { night } from '../../format/day';
import { number } from '../../format/number';
import { Sentence } from '../../parts/Sentence';
import { useWords } from '../../words/useWords';

/** `Night of 22 to 23 November: 214 runs, 3 of them failed.` */
export function RunsSentence({ runs, hasMore, search }: { runs: Run[]; hasMore: boolean; search: RunsSearch }) {
  const { t } = useWords();
  const teller = useTeller();
  const told = number(runs.length, teller.lang);
  const failed = runs.filter((run) => run.status === 'failed').length;
  const colon = teller.lang === 'fr' ? '\u00a0:' : ':';
  const night_ = search.day === undefined ? [] : [{ tone: 'quiet', text: `${night(search.day, teller)}${colon}` }];
  const many = hasMore ? t('runs.atLeast', { told }) : t('runs.sentence', { count: runs.length, told });
  const parts = [
    ...night_,
    { tone: 'plain', text: failed === 0 ? `${many}.` : `${many},` },
    ...(failed === 0
      ? []
      : [{ tone: 'bad', text: `${t('runs.shownFailed', { failed: number(failed, teller.lang) })}.` }]),
  ];
  return <Sentence parts={parts} />;
}
