import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './form.module.css';

interface Props {
  /** What is done, on its button. */
  act: string;
  /** With what was filled in, by the names of the fields. */
  submit: (filled: FormData) => void;
  isBusy?: boolean;
  /** Other things that can be done instead. */
  others?: ReactNode;
  children?: ReactNode;
}

/** Fields and the button that does it. */
export function Form({ act, submit, isBusy = false, others, children }: Props) {
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
    >
      {children}
      <div className={styles.acts}>
        <Button type="submit" size="compact-md" c="var(--panel)" disabled={isBusy}>
          {act}
        </Button>
        {others}
      </div>
    </form>
  );
}
