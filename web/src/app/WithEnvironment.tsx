import type { ReactNode } from 'react';
import { useAbout } from '../api/about';
import { Answer } from '../parts/Answer';
import { NothingYet } from './NothingYet';
import { useEnvironment } from './useEnvironment';

/** A page about one environment; where there is none yet, what to do about it. */
export function WithEnvironment({ children }: { children: (environment: string) => ReactNode }) {
  const about = useAbout();
  const environment = useEnvironment();
  return (
    <Answer query={about} lines={12} height={700} isPage>
      {(data) => (environment === '' ? <NothingYet about={data} /> : children(environment))}
    </Answer>
  );
}
