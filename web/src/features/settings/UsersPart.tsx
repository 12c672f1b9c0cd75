import { useUserChange, useUsers } from '../../api/access';
import type { Role } from '../../api/session';
import { Answer } from '../../parts/Answer';
import { filled } from '../../parts/filled';
import { Form } from '../../parts/Form';
import { FormButton } from '../../parts/FormButton';
import { ProblemPanel } from '../../parts/ProblemPanel';
import { Section } from '../../parts/Section';
import table from '../../parts/table.module.css';
import { useWords } from '../../words/useWords';
import { password } from './password';
import { PasswordField } from './PasswordField';
import { RoleField } from './RoleField';
import { UserRow } from './UserRow';

/** Who may log in, and what they may. */
export function UsersPart() {
  const { t } = useWords();
  const users = useUsers();
  const change = useUserChange();
  const add = (
    <FormButton label={t('settings.addUser')} isBusy={change.isPending}>
      {(close) => (
        <Form
          act={t('settings.addUser')}
          submit={(form) => {
            const body = {
              name: filled(form, 'name') ?? '',
              role: (filled(form, 'role') ?? 'viewer') as Role,
              password: password(form, 'password'),
            };
            change.mutate({ kind: 'add', body });
            close();
          }}
        >
          <label>
            {t('login.name')}
            <input name="name" required autoComplete="off" autoCapitalize="none" />
          </label>
          <RoleField of="viewer" />
          <PasswordField label={t('login.password')} name="password" />
        </Form>
      )}
    </FormButton>
  );
  return (
    <Section title={t('settings.users')} aside={add}>
      {change.error && <ProblemPanel error={change.error} />}
      <Answer query={users} lines={6} height={240}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={table.sub}>{t('settings.noUser')}</p>
          ) : (
            <div className={table.wide}>
              <table className={`${table.table} ${table.dense}`}>
                <thead>
                  <tr>
                    <th>{t('login.name')}</th>
                    <th>{t('settings.role')}</th>
                    <th className={table.secondary}>{t('settings.changed')}</th>
                    <th>
                      <span className="hidden">{t('acts.label')}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((user) => (
                    <UserRow key={user.name} user={user} change={change.mutate} isBusy={change.isPending} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Answer>
    </Section>
  );
}
