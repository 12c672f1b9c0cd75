import type { Night } from '../../api/night';
import { Due } from '../../parts/Due';
import { JobLink } from '../../parts/JobLink';
import { Moment } from '../../parts/Moment';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import styles from './DueDates.module.css';

/** Jobs with a deadline: nothing where no job has one. */
export function DueDates({ night }: { night: Night }) {
  const { t } = useWords();
  if (night.deadlines.length === 0) return null;
  const day = night.business_day;
  return (
    <Section title={t('tonight.due')}>
      <table className={`${table.table} ${table.dense} ${styles.due}`}>
        <thead>
          <tr>
            <th>{t('field.job')}</th>
            <th className={table.number}>{t('tonight.ready')}</th>
            <th className={table.number}>{t('tonight.deadline')}</th>
            <th className={table.number}>{t('tonight.margin')}</th>
          </tr>
        </thead>
        <tbody>
          {night.deadlines.map((due) => (
            <tr key={`${due.project ?? ''}/${due.job}`}>
              <td>
                <JobLink environment={night.environment} project={due.project} job={due.job} isRow />
              </td>
              <td className={table.number}>
                {due.ready_at === null ? t(`due.${due.state}` as 'due.open') : <Moment at={due.ready_at} night={day} />}
              </td>
              <td className={table.number}>
                <Moment at={due.deadline_at} night={day} />
              </td>
              <td className={table.number}>
                <Due state={due.state} margin={due.margin_ms} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
