import { ActionIcon, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';

/** A small button of the head; its label says what it does, also to those who cannot see it. */
export function ToolButton({ label, act, children }: { label: string; act: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label} openDelay={300}>
      <ActionIcon variant="default" size={30} aria-label={label} onClick={act} c="var(--mute)" fz={13}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
