import type { RunAnswer } from '../../api/run';
import { useTitle } from '../../app/useTitle';
import { CauseColumn } from './CauseColumn';
import { GanttSection } from './GanttSection';
import { RowsSection } from './RowsSection';
import { RunHead } from './RunHead';
import styles from './RunView.module.css';

export function RunView({ answer }: { answer: RunAnswer }) {
  useTitle(answer.run.job);
  return (
    <article>
      <RunHead answer={answer} />
      <div className={styles.columns}>
        <div className={styles.main}>
          <GanttSection runKey={answer.run.run_key} />
          <RowsSection runKey={answer.run.run_key} hasError={answer.run.first_error_at !== null} />
        </div>
        <CauseColumn answer={answer} />
      </div>
    </article>
  );
}
