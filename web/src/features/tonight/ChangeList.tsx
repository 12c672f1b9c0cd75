import { useState } from 'react';
import type { Night } from '../../api/night';
import { number } from '../../format/number';
import { JobLink } from '../../parts/JobLink';
import table from '../../parts/table.module.css';
import { TextButton } from '../../parts/TextButton';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import styles from './Changes.module.css';

const SHOWN = 10;

interface Props {
  changes: NonNullable<Night['changes']>;
  environment: string;
}

export function ChangeList({ changes, environment }: Props) {
  const { t } = useWords();
  const lang = useLang();
  const [isWhole, setWhole] = useState(false);
  const all = [
    ...changes.newly_failed.map((job) => ({ job, told: t('tonight.newlyFailed'), tone: 'bad' })),
    ...changes.good_again.map((job) => ({ job, told: t('tonight.goodAgain'), tone: 'good' })),
    ...changes.new_jobs.map((job) => ({ job, told: t('tonight.newJob'), tone: 'plain' })),
    ...changes.absent_jobs.map((job) => ({ job, told: t('tonight.absent'), tone: 'plain' })),
    ...changes.versions.map((job) => ({ job, told: t('tonight.version', { ...job }), tone: 'plain' })),
  ];
  if (all.length === 0) return <p className={table.sub}>{t('tonight.noChange')}</p>;
  const more = isWhole ? 0 : Math.max(0, all.length - SHOWN);
  return (
    <ul className={styles.list}>
      {all.slice(0, all.length - more).map(({ job, told, tone }, index) => (
        <li key={index}>
          <JobLink environment={environment} project={job.project} job={job.job} isRow />{' '}
          <span className={styles[tone]}>{told}</span>
        </li>
      ))}
      {more > 0 && (
        <li>
          <TextButton
            act={() => {
              setWhole(true);
            }}
          >
            {t('tonight.moreJobs', { count: more, told: number(more, lang) })}
          </TextButton>
        </li>
      )}
    </ul>
  );
}
