import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Job } from '../../api/jobs';
import { useTeller } from '../../app/useTeller';
import { duration } from '../../format/duration';
import { moment } from '../../format/moment';
import { number, percent } from '../../format/number';
import head from '../../parts/head.module.css';
import { JobFacts } from '../../parts/JobFacts';
import { Sentence } from '../../parts/Sentence';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

const BAD = new Set(['failed', 'lost']);

interface Props {
  job: Job;
  isFirst: boolean;
  /** What can be done with it. */
  children: ReactNode;
}

/** How its last run came out, what is usual, and what people said of it. */
export function JobHead({ job, isFirst, children }: Props) {
  const { t } = useWords();
  const teller = useTeller();
  const word = useWord();
  const { lang } = teller;
  const firstTry = ({ first_try_rate: rate, nights }: Job) =>
    rate === null || nights === null
      ? null
      : t('job.firstTryOf', { share: percent(rate, lang), count: nights, told: number(nights, lang) });
  const often = job.runs_per_day ?? 1;
  const last = job.last_started_at === null ? '' : ` (${moment(job.last_started_at, teller)})`;
  const usual = [
    job.usual_duration_ms === null ? null : t('run.usual', { told: duration(job.usual_duration_ms, lang) }),
    job.usual_start === null || often > 1 ? null : t('job.begins', { at: job.usual_start }),
    often > 1 ? t('jobs.aDay', { count: often, told: number(often, lang) }) : null,
    firstTry(job),
  ].filter((part) => part !== null);
  const since = job.runs_since_success;
  const facts = [
    job.environment,
    job.project,
    job.system,
    job.domain,
    job.first_seen === null ? null : t('job.firstSeen', { at: moment(job.first_seen, teller) }),
    job.renamed_from === null ? null : t('job.renamed', { from: job.renamed_from }),
    job.retired_at === null ? null : t('jobs.retired'),
  ].filter((fact) => fact !== null);
  return (
    <header>
      {isFirst && (
        <div className={head.top}>
          <Link to="/jobs" search={{ environment: job.environment }}>
            {t('jobs.title')}
          </Link>{' '}
          › {job.job}
        </div>
      )}
      <Sentence
        isName
        parts={[
          { tone: 'plain', text: job.job },
          ...(job.last_outcome === null
            ? []
            : [
                {
                  tone: BAD.has(job.last_status ?? '') ? 'bad' : 'plain',
                  text: `${word('outcome', job.last_outcome)}${last}${since > 1 ? `, ${t('job.sinceSuccess', { told: number(since, lang) })}` : ''}.`,
                },
              ]),
          ...(usual.length === 0 ? [] : [{ tone: 'quiet', text: capital(`${usual.join(', ')}.`) }]),
        ]}
      />
      <div className={head.facts}>
        {facts.join(' · ')}
        <JobFacts catalogue={job} />
        {children}
      </div>
    </header>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
