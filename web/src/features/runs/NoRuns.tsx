import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Nothing } from '../../parts/Nothing';

export function NoRuns() {
  const { t } = useTranslation();
  return (
    <Nothing title={t('runs.none')} what={t('runs.noneWhat')}>
      <Link to="/runs" search={{}}>
        {t('runs.clear')}
      </Link>
    </Nothing>
  );
}
