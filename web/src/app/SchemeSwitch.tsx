import { useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { useWords } from '../words/useWords';
import { ToolButton } from './ToolButton';

const NEXT: Record<MantineColorScheme, MantineColorScheme> = { auto: 'light', light: 'dark', dark: 'auto' };
const SIGNS: Record<MantineColorScheme, string> = { auto: '◐', light: '○', dark: '●' };

export function SchemeSwitch() {
  const { t } = useWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <ToolButton
      label={t('frame.scheme', { scheme: t(`frame.${colorScheme}`) })}
      act={() => {
        setColorScheme(NEXT[colorScheme]);
      }}
    >
      <span aria-hidden>{SIGNS[colorScheme]}</span>
    </ToolButton>
  );
}
