import type { Job } from '../../api/jobs';
import { number } from '../../format/number';
import { Sentence } from '../../parts/Sentence';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';

/** `52 jobs. The last run of 2 of them failed. The last run of 1 of them never ended.` As long as others are to come, at least so
 * many, and no number of a part of them: the others may have failed, too. */
export function JobsSentence({ jobs, hasMore }: { jobs: Job[]; hasMore: boolean }) {
  const { t } = useWords();
  const lang = useLang();
  const count = (outcome: Job['last_outcome']) =>
    hasMore ? 0 : jobs.filter((job) => job.last_outcome === outcome).length;
  const told = (key: 'sentence' | 'failing' | 'lost', of: number) =>
    t(`jobs.${key}`, { count: of, told: number(of, lang) });
  const isOne = jobs.length === 1;
  const [failed, lost] = [count('failed'), count('lost')];
  const all = hasMore ? t('jobs.atLeast', { told: number(jobs.length, lang) }) : told('sentence', jobs.length);
  const parts = [{ tone: 'plain', text: all }];
  if (failed > 0) parts.push({ tone: 'bad', text: isOne ? t('jobs.itsFailing') : told('failing', failed) });
  if (lost > 0) parts.push({ tone: 'bad', text: isOne ? t('jobs.itsLost') : told('lost', lost) });
  return <Sentence parts={parts} />;
}
