import { Link, useSearch } from '@tanstack/react-router';
import type { RunAnswer } from '../../api/run';
import { useOfEnvironment } from '../../app/useOfEnvironment';
import { useTitle } from '../../app/useTitle';
import tabs from '../../parts/tabs.module.css';
import { useWords } from '../../words/useWords';
import { CauseColumn } from './CauseColumn';
import { CompareSection } from './CompareSection';
import { GanttSection } from './GanttSection';
import { RowsSection } from './RowsSection';
import { RunHead } from './RunHead';
import styles from './RunView.module.css';

export function RunView({ answer }: { answer: RunAnswer }) {
  const { t } = useWords();
  const { view } = useSearch({ from: '/runs/$key' });
  const { run_key, job } = answer.run;
  useTitle(job);
  useOfEnvironment(answer.run.environment);
  return (
    <article>
      <RunHead answer={answer} />
      <div className={`${styles.columns} ${view === 'compare' ? styles.whole : ''}`}>
        <div className={styles.main}>
          <nav className={tabs.tabs} aria-label={t('run.views')}>
            {([undefined, 'compare'] as const).map((of) => (
              <Link
                key={of ?? 'steps'}
                to="/runs/$key"
                params={{ key: run_key }}
                search={{ view: of }}
                // Of one page, each part is another one.
                activeOptions={{ includeSearch: true, explicitUndefined: true }}
                replace
              >
                {t(of === undefined ? 'run.gantt' : 'compare.title')}
              </Link>
            ))}
          </nav>
          {view === 'compare' ? (
            <CompareSection runKey={run_key} />
          ) : (
            <>
              <GanttSection runKey={run_key} />
              <RowsSection runKey={run_key} hasError={answer.run.first_error_at !== null} />
            </>
          )}
        </div>
        <CauseColumn answer={answer} />
      </div>
    </article>
  );
}
