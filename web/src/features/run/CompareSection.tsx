import { Link } from '@tanstack/react-router';
import { useCompare, type Compared } from '../../api/compare';
import { Answer } from '../../parts/Answer';
import { BESIDE, changesOf, filledKinds, firstStepChanged } from '../../parts/compareLines';
import { Moment } from '../../parts/Moment';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { CompareRow } from './CompareRow';
import styles from './Compare.module.css';

/** The run beside the last good one and what is usual: what changed first, then line by line. */
export function CompareSection({ runKey }: { runKey: string }) {
  const { t } = useWords();
  const compared = useCompare(runKey);
  return (
    <Section title={t('compare.what')}>
      <Answer query={compared} lines={10} height={300}>
        {(data) => <Lines compared={data} />}
      </Answer>
    </Section>
  );
}

function Lines({ compared }: { compared: Compared }) {
  const { t } = useWords();
  const { last_good: good, first, lines } = compared;
  const kinds = filledKinds(lines);
  const firstStep = first && firstStepChanged(compared);
  return (
    <>
      <p className={styles.first}>{first === null ? t('compare.nothing') : `${t('compare.first')} ${first.text}`}</p>
      {firstStep && (
        <p>
          {t('compare.firstStep')} {firstStep.job} › {firstStep.step} (
          {changesOf(firstStep)
            .map((what) => t(`job.changes.${what}`))
            .join(', ')}
          )
        </p>
      )}
      <p className={table.sub}>
        {good === null ? (
          t('run.noGood')
        ) : (
          <>
            {t('compare.good')}{' '}
            <Link to="/runs/$key" params={{ key: good.run_key }}>
              <Moment at={good.started_at} />
            </Link>
          </>
        )}
        {' · '}
        {t('compare.usualOf', { count: compared.usual_runs })}
      </p>
      <div className={table.wide}>
        <table className={`${table.table} ${table.dense} ${styles.table}`}>
          <thead>
            <tr>
              <th rowSpan={2}>{t('run.name')}</th>
              <th colSpan={2} scope="colgroup" className={styles.group}>
                {t('compare.outcome')}
              </th>
              {kinds.map((kind) => (
                <th key={kind} colSpan={3} scope="colgroup" className={styles.group}>
                  {t(`compare.${kind}`)}
                </th>
              ))}
            </tr>
            <tr>
              <th className={styles.under}>{t('compare.this')}</th>
              <th>{t('compare.last_good')}</th>
              {kinds.map((kind) =>
                BESIDE.map((of) => (
                  <th key={`${kind}.${of}`} className={kind === 'version' ? undefined : table.number}>
                    {t(`compare.${of}`)}
                  </th>
                )),
              )}
            </tr>
          </thead>
          <tbody>
            {lines.map((line, index) => (
              <CompareRow key={index} line={line} kinds={kinds} isFirst={index === first?.line} />
            ))}
          </tbody>
        </table>
      </div>
      {compared.is_cut && <p>{t('run.cut')}</p>}
    </>
  );
}
