import { Link } from '@tanstack/react-router';
import { useHeatmap, type Night } from '../../api/night';
import { Answer } from '../../parts/Answer';
import { HeatMap } from '../../parts/HeatMap';
import { Section } from '../../parts/Section';
import { useWords } from '../../words/useWords';

export function HeatSection({ night }: { night: Night }) {
  const { t } = useWords();
  const map = useHeatmap(night.environment, night.business_day);
  return (
    <Section title={t('tonight.heat')} aside={<Link to="/jobs">{t('tonight.allJobs')}</Link>}>
      <Answer query={map} lines={10} height={280}>
        {(data) => <HeatMap map={data} environment={night.environment} />}
      </Answer>
    </Section>
  );
}
