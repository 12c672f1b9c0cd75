import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Problem } from '../api/problem';
import { useWords } from '../words/useWords';
import styles from './ProblemPanel.module.css';
import { useProblemWords } from './problemWords';

interface Props {
  error: Error;
  retry?: () => void;
  /** Nothing else stands on the page. */
  isPage?: boolean;
}

/** What could not be read, why, and what can be done: never an empty place. */
export function ProblemPanel({ error, retry, isPage = false }: Props) {
  const Title = isPage ? 'h1' : 'h2';
  const { t } = useWords();
  const problem = error instanceof Problem ? error : undefined;
  const isMissing = problem?.isNotFound ?? false;
  const { title, what } = useProblemWords()(error);
  return (
    <section className={styles.panel} role="alert">
      <Title>{title}</Title>
      {what && <p>{what}</p>}
      <p className={styles.acts}>
        {retry && !isMissing && (
          <Button size="compact-sm" variant="default" onClick={retry}>
            {t('state.retry')}
          </Button>
        )}
        {isMissing && (
          <>
            <Link to="/">{t('state.toTonight')}</Link>
            <Link to="/runs">{t('state.toRuns')}</Link>
          </>
        )}
        {problem && problem.status > 0 && (
          <code>{[problem.status, problem.details.code, problem.details.parameter].filter(Boolean).join(' · ')}</code>
        )}
      </p>
    </section>
  );
}
