import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';

/** What the page shows is of this environment, whatever its address said: the selector and all links follow. */
export function useOfEnvironment(environment: string) {
  const { environment: said } = useSearch({ from: '__root__' });
  const navigate = useNavigate();
  useEffect(() => {
    if (said === environment) return;
    void navigate({
      to: '.',
      search: (before) => ({ ...before, environment }),
      hash: true,
      replace: true,
      resetScroll: false,
    });
  }, [said, environment, navigate]);
}
