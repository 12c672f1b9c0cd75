import type { RunAnswer } from '../../api/run';
import { useTeller } from '../../app/useTeller';
import { duration } from '../../format/duration';
import { inNight } from '../../format/moment';
import { Sentence } from '../../parts/Sentence';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

const BAD = new Set(['failed', 'lost']);

/** `load_stock failed (connection), 02:14, took 4 min 12 s (usually 3 min 50 s, last good 3 min 58 s).` */
export function RunSentence({ answer }: { answer: RunAnswer }) {
  const { t } = useWords();
  const teller = useTeller();
  const word = useWord();
  const { run, last_good: good } = answer;
  const at = run.started_at === null ? undefined : inNight(run.started_at, run.business_day, teller);
  const took = run.duration_ms === null ? undefined : t('run.took', { told: duration(run.duration_ms, teller.lang) });
  const isOpen = run.ended_at === null && run.last_event_at !== null;
  const still = isOpen ? `${t('run.still')} ${inNight(run.last_event_at ?? '', run.business_day, teller)}` : undefined;
  const cause = run.cause === null ? '' : ` (${word('category', run.cause.category)})`;
  const facts = [at, took, still].filter((part) => part !== undefined);
  const compared = [
    run.usual_duration_ms === null ? null : t('run.usual', { told: duration(run.usual_duration_ms, teller.lang) }),
    good?.duration_ms == null ? t('run.noGood') : t('run.lastGood', { told: duration(good.duration_ms, teller.lang) }),
  ].filter((part) => part !== null);
  return (
    <Sentence
      isName
      parts={[
        { tone: 'plain', text: run.job },
        {
          tone: BAD.has(run.status) ? 'bad' : 'plain',
          text: `${word('outcome', run.outcome)}${cause}${facts.length > 0 ? ',' : ''}`,
        },
        { tone: 'quiet', text: `${facts.join(', ')} (${compared.join(', ')}).`.trim() },
      ]}
    />
  );
}
