import { useState } from 'react';
import { useKeys } from './useKeys';

/** Whether the help is open; `?` opens it. */
export function useHelp(): [boolean, (isOpen: boolean) => void] {
  const [isOpen, setOpen] = useState(false);
  useKeys({
    '?': () => {
      setOpen(true);
    },
  });
  return [isOpen, setOpen];
}
