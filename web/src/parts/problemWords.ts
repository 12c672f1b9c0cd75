import { Problem } from '../api/problem';
import { useWords } from '../words/useWords';

export interface ProblemWords {
  title: string;
  what: string | null | undefined;
}

/** What went wrong and what can be done, as people say it. */
export function useProblemWords(): (error: unknown) => ProblemWords {
  const { t } = useWords();
  return (error) => {
    const title = t('state.failed');
    if (!(error instanceof Problem)) return { title, what: error instanceof Error ? error.message : undefined };
    const { details } = error;
    if (error.isUnreachable) return { title: t('state.unreachable'), what: t('state.unreachableWhat') };
    if (error.isNotFound) return { title: details.detail ?? t('state.notFound'), what: t('state.notFoundWhat') };
    return { title: details.title ?? title, what: details.detail };
  };
}
