import { useNight } from '../../api/night';
import { Answer } from '../../parts/Answer';
import { NightView } from './NightView';

export function TonightOf({ environment, day }: { environment: string; day: string }) {
  const night = useNight(environment, day);
  return (
    <Answer query={night} lines={14} height={900} isPage>
      {(data) => <NightView night={data} />}
    </Answer>
  );
}
