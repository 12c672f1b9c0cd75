import { useSearch } from '@tanstack/react-router';
import { useAbout } from '../../api/about';
import { WithEnvironment } from '../../app/WithEnvironment';
import { TonightOf } from './TonightOf';

/** Is everything in? If not, what broke, why, since when, who acts, and what hangs on it. */
export function TonightPage() {
  const { day, environment } = useSearch({ from: '/' });
  const { data: about } = useAbout();
  // A demo begins with a night that has something to show.
  const first = environment === undefined ? about?.day : undefined;
  return (
    <WithEnvironment>{(chosen) => <TonightOf environment={chosen} day={day ?? first ?? 'latest'} />}</WithEnvironment>
  );
}
