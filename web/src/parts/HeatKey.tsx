import { useWords } from '../words/useWords';
import styles from './HeatKey.module.css';
import { StateMark } from './StateMark';

const SHOWN = ['ok', 'recovered', 'late', 'failed', 'lost', 'running', 'unverified', 'none'] as const;

export function HeatKey() {
  const { t } = useWords();
  return (
    <div className={styles.key}>
      {SHOWN.map((of) => (
        <span key={of}>
          <StateMark of={of} />
          {t(`verdict.${of}`, { count: 1 })}
        </span>
      ))}
    </div>
  );
}
