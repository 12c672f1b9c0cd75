import { Menu, UnstyledButton } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useLogout, useSession } from '../api/session';
import { useWord } from '../words/useWord';
import { useWords } from '../words/useWords';
import { initials } from './initials';
import styles from './UserMenu.module.css';

/** Who looks, what they may, and the way out. */
export function UserMenu() {
  const { t } = useWords();
  const word = useWord();
  const navigate = useNavigate();
  const { data: session } = useSession();
  const logout = useLogout();
  if (session?.role == null) return null;
  const name = session.name ?? t('login.nobody');
  const role = word('role', session.role);
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <UnstyledButton className={styles.button} aria-label={t('login.menu', { name, role })}>
          {initials(name)}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <b className={styles.name}>{name}</b> · {role}
        </Menu.Label>
        <Menu.Item onClick={() => void navigate({ to: '/settings' })}>{t('nav.settings')}</Menu.Item>
        {session.way === 'session' && (
          <Menu.Item
            onClick={() => {
              logout.mutate();
            }}
          >
            {t('login.logout')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
