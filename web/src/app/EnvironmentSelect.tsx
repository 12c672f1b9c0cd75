import { Menu, UnstyledButton } from '@mantine/core';
import { useMatches, useNavigate } from '@tanstack/react-router';
import { useAbout } from '../api/about';
import { useWords } from '../words/useWords';
import styles from './EnvironmentSelect.module.css';
import { listBehind } from './ofEnvironment';
import { useEnvironment } from './useEnvironment';

/** Always in sight: figures of two environments are never mixed. */
export function EnvironmentSelect() {
  const { t } = useWords();
  const { data: about } = useAbout();
  const chosen = useEnvironment();
  const navigate = useNavigate();
  const list = listBehind(useMatches({ select: (matches) => matches.at(-1)?.routeId }));
  const choose = (environment: string) => {
    if (list === undefined)
      void navigate({ to: '.', search: (before) => ({ ...before, environment, day: undefined }) });
    else void navigate({ to: list, search: { environment } });
  };
  const environments = about?.environments ?? [];
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <UnstyledButton className={styles.button} aria-label={`${t('frame.environment')} ${chosen}`}>
          {chosen === '' ? '…' : chosen} <span aria-hidden>▾</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {environments.map(({ environment }) => (
          <Menu.Item
            key={environment}
            fw={environment === chosen ? 600 : 400}
            aria-current={environment === chosen}
            onClick={() => {
              choose(environment);
            }}
          >
            {environment}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
