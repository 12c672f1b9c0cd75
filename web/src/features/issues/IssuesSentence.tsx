import type { Issue } from '../../api/issues';
import type { IssuesSearch } from '../../app/search';
import { useTeller } from '../../app/useTeller';
import { night } from '../../format/day';
import { colonOf } from '../../format/lang';
import { number } from '../../format/number';
import { Sentence } from '../../parts/Sentence';
import { useWords } from '../../words/useWords';

const STATES = ['new', 'regressed', 'ongoing', 'resolved'] as const;

/** `16 issues: 14 new, 2 ongoing.` */
export function IssuesSentence({
  issues,
  hasMore,
  search,
}: {
  issues: Issue[];
  hasMore: boolean;
  search: IssuesSearch;
}) {
  const { t } = useWords();
  const teller = useTeller();
  const colon = colonOf(teller.lang);
  const told = number(issues.length, teller.lang);
  const all = hasMore ? t('issues.atLeast', { told }) : t('issues.sentence', { count: issues.length, told });
  // Of a part of them no number is told.
  const counts = (hasMore ? [] : STATES).map((state) => ({
    state,
    count: issues.filter((issue) => issue.state === state).length,
  }));
  const shown = counts.filter(({ count }) => count > 0);
  const ofDay = search.day === undefined ? [] : [{ tone: 'quiet', text: `${night(search.day, teller)}${colon}` }];
  return (
    <Sentence
      parts={[
        ...ofDay,
        { tone: 'plain', text: shown.length === 0 ? `${all}.` : `${all}${colon}` },
        ...shown.map(({ state, count }, index) => ({
          tone: state === 'new' || state === 'regressed' ? 'bad' : 'quiet',
          text: `${t(`issues.${state}`, { count, told: number(count, teller.lang) })}${index === shown.length - 1 ? '.' : ','}`,
        })),
      ]}
    />
  );
}
