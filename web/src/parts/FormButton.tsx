import { Button, Popover } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import form from './form.module.css';

interface Props {
  label: string;
  /** What is asked before it is done; it is told how to close. */
  children: (close: () => void) => ReactNode;
  isBusy?: boolean;
  isQuiet?: boolean;
  /** Why it cannot be done: told when it is pointed at. */
  refusal?: string | undefined;
}

/** A button that asks something first, beside it. */
export function FormButton({ label, children, isBusy = false, isQuiet = false, refusal }: Props) {
  const [isOpen, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" width={320} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <Button
          variant={isQuiet ? 'subtle' : 'default'}
          size="compact-md"
          disabled={isBusy || refusal !== undefined}
          title={refusal}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          {label}…
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={label} className={`${form.form} ${form.dropdown}`}>
        {isOpen && children(close)}
      </Popover.Dropdown>
    </Popover>
  );
}
