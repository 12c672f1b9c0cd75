import { useTranslation } from 'react-i18next';
import type { Role } from '../../api/session';
import en from '../../words/en.json';
import { useWord } from '../../words/useWord';

export function RoleField({ of }: { of: Role }) {
  const { t } = useTranslation();
  const word = useWord();
  return (
    <label>
      {t('settings.role')}
      <select name="role" defaultValue={of}>
        {Object.keys(en.role).map((role) => (
          <option key={role} value={role}>
            {word('role', role)}: {word('roleMay', role)}
          </option>
        ))}
      </select>
    </label>
  );
}
