import { Link } from '@tanstack/react-router';
import { useCompare, type Compared } from '../../api/compare';
import { Answer } from '../../parts/Answer';
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

const KINDS = ['duration_ms', 'rows_out', 'version'] as const;
const BESIDE = ['this', 'last_good', 'usual'] as const;

function Lines({ compared }: { compared: Compared }) {
  const { t } = useWords();
  const { last_good: good, first, lines } = compared;
  return (
    <>
      <p className={styles.first}>{first === null ? t('compare.nothing') : `${t('compare.first')} ${first.text}`}</p>
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
              {KINDS.map((kind) => (
                <th key={kind} colSpan={3} scope="colgroup" className={styles.group}>
                  {t(`compare.${kind}`)}
                </th>
              ))}
            </tr>
            <tr>
              {KINDS.map((kind) =>
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
              <CompareRow key={index} line={line} isFirst={index === first?.line} />
            ))}
          </tbody>
        </table>
      </div>
      {compared.is_cut && <p>{t('run.cut')}</p>}
    </>
  );
}
