import type { User, UserChange } from '../../api/access';
import type { Role } from '../../api/session';
import { filled } from '../../parts/filled';
import { Form } from '../../parts/Form';
import { FormButton } from '../../parts/FormButton';
import { Moment } from '../../parts/Moment';
import table from '../../parts/table.module.css';
import { useWord } from '../../words/useWord';
import { useWords } from '../../words/useWords';
import { OfSettings } from './OfSettings';
import { password } from './password';
import { PasswordField } from './PasswordField';
import { RoleField } from './RoleField';
import styles from './settings.module.css';

interface Props {
  user: User;
  change: (to: UserChange) => void;
  isBusy: boolean;
}

export function UserRow({ user, change, isBusy }: Props) {
  const { t } = useWords();
  const word = useWord();
  const { name } = user;
  return (
    <tr>
      <td className={table.name}>{name}</td>
      <td>{word('role', user.role)}</td>
      <td className={`${table.tight} ${table.secondary}`}>
        <Moment at={user.changed_at ?? user.made_at} />
      </td>
      <td>
        <div className={styles.cell}>
          <FormButton label={t('settings.setRole')} isBusy={isBusy} isQuiet>
            {(close) => (
              <Form
                act={t('settings.setRole')}
                submit={(form) => {
                  change({ kind: 'change', name, body: { role: (filled(form, 'role') ?? user.role) as Role } });
                  close();
                }}
              >
                <RoleField of={user.role} />
              </Form>
            )}
          </FormButton>
          <FormButton label={t('settings.setPassword')} isBusy={isBusy} isQuiet>
            {(close) => (
              <Form
                act={t('settings.setPassword')}
                submit={(form) => {
                  change({ kind: 'change', name, body: { password: password(form, 'password') } });
                  close();
                }}
              >
                <PasswordField label={t('settings.newPassword')} name="password" />
                <OfSettings name={name} />
              </Form>
            )}
          </FormButton>
          <FormButton label={t('settings.remove')} isBusy={isBusy} isQuiet>
            {(close) => (
              <Form
                act={t('settings.remove')}
                submit={() => {
                  change({ kind: 'remove', name });
                  close();
                }}
              >
                <p>{t('settings.removeUser', { name })}</p>
              </Form>
            )}
          </FormButton>
        </div>
      </td>
    </tr>
  );
}
