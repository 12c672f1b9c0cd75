import { useSearch } from '@tanstack/react-router';
import { useAbout } from '../../api/about';
import { nightMeant } from '../../api/night';
import { WithEnvironment } from '../../app/WithEnvironment';
import { TonightOf } from './TonightOf';

/** Is everything in? If not, what broke, why, since when, who acts, and what hangs on it. */
export function TonightPage() {
  const search = useSearch({ from: '/' });
  const { data: about } = useAbout();
  const day = nightMeant(search, about);
  return <WithEnvironment>{(environment) => <TonightOf environment={environment} day={day} />}</WithEnvironment>;
}
