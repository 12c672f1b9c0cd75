import type { ErrorFacts } from '../../api/errors';
import { colonOf } from '../../format/lang';
import { number } from '../../format/number';
import { Sentence } from '../../parts/Sentence';
import { useLang } from '../../words/useLang';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { errorsSum } from './errorsSum';

/** `The newest 100 errors: 34 runs of 12 jobs, most often missing file (41).` */
export function ErrorsSentence({ errors, hasMore }: { errors: ErrorFacts[]; hasMore: boolean }) {
  const { t } = useWords();
  const word = useWord();
  const lang = useLang();
  const told = number(errors.length, lang);
  const { runs, jobs, most } = errorsSum(errors);
  const all = hasMore ? t('errors.newest', { told }) : t('errors.sentence', { count: errors.length, told });
  const sums = [
    runs === 0
      ? null
      : `${t('issues.runsOf', { count: runs, told: number(runs, lang) })} ${t('errors.ofJobs', { count: jobs, told: number(jobs, lang) })}`,
    most === undefined
      ? null
      : t('errors.most', { category: word('category', most.category), told: number(most.count, lang) }),
  ].filter((sum) => sum !== null);
  return (
    <Sentence
      parts={[
        { tone: 'plain', text: sums.length === 0 ? `${all}.` : `${all}${colonOf(lang)}` },
        ...(sums.length === 0 ? [] : [{ tone: 'quiet', text: `${sums.join(', ')}.` }]),
      ]}
    />
  );
}
