import type { WhichJobs } from '../app/search';
import { useWords } from '../words/useWords';
import { OnlyOf } from './OnlyOf';

/** The project and the system that tell jobs of one name apart. */
export function OnlyOfJobs({ list, search }: { list: '/runs' | '/errors'; search: WhichJobs }) {
  const { t } = useWords();
  return (['project', 'system'] as const).map((name) => {
    const value = search[name];
    return (
      <OnlyOf
        key={name}
        list={list}
        name={name}
        told={value === undefined ? undefined : t(`runs.${name}`, { name: value })}
      />
    );
  });
}
