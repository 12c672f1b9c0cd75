import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Problem } from '../api/problem';
import styles from './ProblemPanel.module.css';

interface Props {
  error: Error;
  retry?: () => void;
  /** Nothing else stands on the page. */
  isPage?: boolean;
}

/** What could not be read, why, and what can be done: never an empty place. */
export function ProblemPanel({ error, retry, isPage = false }: Props) {
  const Title = isPage ? 'h1' : 'h2';
  const { t } = useTranslation();
  const problem = error instanceof Problem ? error : undefined;
  const isAway = problem?.isUnreachable ?? false;
  const isMissing = problem?.isNotFound ?? false;
  let [title, what]: [string, string | null | undefined] = [t('state.failed'), error.message];
  if (isAway) [title, what] = [t('state.unreachable'), t('state.unreachableWhat')];
  else if (isMissing) [title, what] = [problem?.details.detail ?? t('state.notFound'), t('state.notFoundWhat')];
  else if (problem) [title, what] = [problem.details.title ?? title, problem.details.detail];
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
