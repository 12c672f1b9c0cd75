import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useHeatmap, type Night } from '../../api/night';
import { Answer } from '../../parts/Answer';
import { HeatMap } from '../../parts/HeatMap';
import { Section } from '../../parts/Section';

export function HeatSection({ night }: { night: Night }) {
  const { t } = useTranslation();
  const map = useHeatmap(night.environment, night.business_day);
  return (
    <Section title={t('tonight.heat')} aside={<Link to="/jobs">{t('tonight.allJobs')}</Link>}>
      <Answer query={map} lines={10} height={280}>
        {(data) => <HeatMap map={data} environment={night.environment} />}
      </Answer>
    </Section>
  );
}
