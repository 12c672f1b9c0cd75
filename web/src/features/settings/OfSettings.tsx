import { useSettings } from '../../api/settings';
import { useWords } from '../../words/useWords';
import { isOfSettings } from './isOfSettings';

/** That what is set here does not last: the setting says the password of this account at each start. */
export function OfSettings({ name }: { name: string }) {
  const { t } = useWords();
  const { data } = useSettings();
  if (!isOfSettings(name, data?.items ?? [])) return null;
  return <p>{t('settings.ofSettings')}</p>;
}
