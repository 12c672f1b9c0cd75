import { Link, useNavigate } from '@tanstack/react-router';
import type { RunAnswer } from '../../api/run';
import { useKeys } from '../../app/useKeys';
import { useWords } from '../../words/useWords';
import styles from './Neighbours.module.css';

/** The runs of the same job before and after. */
export function Neighbours({ answer: { before, after } }: { answer: RunAnswer }) {
  const { t } = useWords();
  const navigate = useNavigate();
  const go = (to: RunAnswer['before']) => {
    if (to) void navigate({ to: '/runs/$key', params: { key: to.run_key } });
  };
  useKeys({
    p: () => {
      go(before);
    },
    n: () => {
      go(after);
    },
  });
  return (
    <div className={styles.neighbours}>
      {before && (
        <Link to="/runs/$key" params={{ key: before.run_key }}>
          ◀ {t('run.before')}
        </Link>
      )}
      {after && (
        <Link to="/runs/$key" params={{ key: after.run_key }}>
          {t('run.after')} ▶
        </Link>
      )}
    </div>
  );
}
