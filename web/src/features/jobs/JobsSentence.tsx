import type { Job } from '../../api/jobs';
import { number } from '../../format/number';
import { Sentence } from '../../parts/Sentence';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';

/** `52 jobs. The last run of 2 failed. 1 never ended.` At least so many as long as others are to come. */
export function JobsSentence({ jobs, hasMore }: { jobs: Job[]; hasMore: boolean }) {
  const { t } = useWords();
  const lang = useLang();
  const count = (status: string) => jobs.filter((job) => job.last_status === status).length;
  const told = (key: 'sentence' | 'failing' | 'lost', of: number) =>
    t(`jobs.${key}`, { count: of, told: number(of, lang) });
  const [failed, lost] = [count('failed'), count('lost')];
  const all = hasMore ? t('jobs.atLeast', { told: number(jobs.length, lang) }) : told('sentence', jobs.length);
  const parts = [{ tone: 'plain', text: all }];
  if (failed > 0) parts.push({ tone: 'bad', text: told('failing', failed) });
  if (lost > 0) parts.push({ tone: 'bad', text: told('lost', lost) });
  return <Sentence parts={parts} />;
}
