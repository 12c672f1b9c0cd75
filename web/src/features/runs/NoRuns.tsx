import { Link } from '@tanstack/react-router';
import { Nothing } from '../../parts/Nothing';
import { useWords } from '../../words/useWords';

export function NoRuns() {
  const { t } = useWords();
  return (
    <Nothing title={t('runs.none')} what={t('runs.noneWhat')}>
      <Link to="/runs" search={{}}>
        {t('runs.clear')}
      </Link>
    </Nothing>
  );
}
