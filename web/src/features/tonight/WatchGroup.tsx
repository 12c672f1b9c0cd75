import { useState, type ComponentType } from 'react';
import type { Night } from '../../api/night';
import { number } from '../../format/number';
import { JobLink } from '../../parts/JobLink';
import { StateMark } from '../../parts/StateMark';
import { TextButton } from '../../parts/TextButton';
import { useLang } from '../../words/useLang';
import { useWords } from '../../words/useWords';
import styles from './WatchGroup.module.css';

const SHOWN = 8;

interface Props<T> {
  of: 'failed' | 'lost' | 'unverified' | 'running' | 'late' | 'not_seen' | 'recovered';
  items: T[];
  night: Night;
  /** What is said of one, behind its name. */
  Item: ComponentType<{ item: T; day: string }>;
}

/** The jobs of one kind; nothing where there are none. */
export function WatchGroup<T extends { project: string | null; job: string }>({ of, items, night, Item }: Props<T>) {
  const { t } = useWords();
  const lang = useLang();
  const [isWhole, setWhole] = useState(false);
  if (items.length === 0) return null;
  const shown = isWhole ? items : items.slice(0, SHOWN);
  const more = items.length - shown.length;
  return (
    <div className={styles.group}>
      <h3>
        <StateMark of={of} />
        {number(items.length, lang)} {t(`verdict.${of}`, { count: items.length })}
      </h3>
      <ul>
        {shown.map((item) => (
          <li key={`${item.project ?? ''}/${item.job}`}>
            <JobLink environment={night.environment} project={item.project} job={item.job} isRow />{' '}
            <span>
              <Item item={item} day={night.business_day} />
            </span>
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
    </div>
  );
}
