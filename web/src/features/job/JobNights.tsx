import { useState } from 'react';
import { useJobNights, type JobName } from '../../api/job';
import type { Job } from '../../api/jobs';
import { useTeller } from '../../app/useTeller';
import { dateOf, local } from '../../format/local';
import { Answer } from '../../parts/Answer';
import { ExportLinks } from '../../parts/ExportLinks';
import { More } from '../../parts/More';
import { Section } from '../../parts/Section';
import { useWords } from '../../words/useWords';
import { DAYS, wasBefore } from './nightsBack';
import { NightsStrip } from './NightsStrip';
import { NightsTable } from './NightsTable';

interface Props {
  job: Job;
  name: JobName;
  isFirst: boolean;
  /** No other system has a job of this name. */
  isOnly: boolean;
}

/** The job night by night, the newest first: how each came out, and what was special about it. */
export function JobNights({ job, name, isFirst, isOnly }: Props) {
  const { t } = useWords();
  const teller = useTeller();
  const [step, setStep] = useState(0);
  const days = DAYS[step] ?? 0;
  const query = useJobNights(name, job.system, days);
  const path = `/api/v1/jobs/${[name.environment, name.project, name.job].map(encodeURIComponent).join('/')}/history`;
  // Nights in which others ran it stand in no map of nights.
  const isOwn = query.data?.every((night) => night.verdict !== null) === true;
  const files = <ExportLinks path={path} filter={{ system: job.system, days }} what={t('job.nightsFile')} />;
  const first = job.first_seen === null ? undefined : local(job.first_seen, teller.zone);
  const hasMore = wasBefore(query.data?.[0]?.business_day, days, first && dateOf(first));
  const more = {
    hasNextPage: step + 1 < DAYS.length && (hasMore || query.isPlaceholderData),
    isFetchingNextPage: query.isPlaceholderData,
    fetchNextPage: () => {
      setStep(step + 1);
    },
  };
  return (
    <Section title={isOnly ? t('job.byNight') : `${t('job.byNight')} · ${job.system}`} aside={files}>
      {isFirst && isOwn && <NightsStrip name={name} />}
      <Answer query={query} lines={10} height={480}>
        {(nights) =>
          nights.length === 0 ? (
            <p>{t('job.noNight')}</p>
          ) : (
            <NightsTable nights={nights} environment={name.environment} />
          )
        }
      </Answer>
      <More query={more} />
    </Section>
  );
}
