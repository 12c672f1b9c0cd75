import { useState } from 'react';
import { useTree } from '../../api/run';
import { Answer } from '../../parts/Answer';
import { Section } from '../../parts/Section';
import { TextButton } from '../../parts/TextButton';
import { useWords } from '../../words/useWords';
import { Gantt } from './Gantt';

export function GanttSection({ runKey }: { runKey: string }) {
  const { t } = useWords();
  const tree = useTree(runKey);
  const [withAllSteps, setAllSteps] = useState(false);
  const hasChildren = (tree.data?.nodes.length ?? 0) > 1;
  const aside = hasChildren && (
    <TextButton
      act={() => {
        setAllSteps(!withAllSteps);
      }}
    >
      {t(withAllSteps ? 'run.hideSteps' : 'run.showSteps')}
    </TextButton>
  );
  return (
    <Section title={t('run.gantt')} aside={aside}>
      <Answer query={tree} lines={10} height={300}>
        {(data) => <Gantt tree={data} withAllSteps={withAllSteps} />}
      </Answer>
    </Section>
  );
}
