import type { Role } from '../../api/session';
import en from '../../words/en.json';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';

export function RoleField({ of }: { of: Role }) {
  const { t } = useWords();
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
