import { useSearch } from '@tanstack/react-router';
import { useAbout } from '../api/about';

/** The environment that the address names, else the one that smartETL shows first; empty while there is none. */
export function useEnvironment(): string {
  const { environment } = useSearch({ from: '__root__' });
  const { data: about } = useAbout();
  return environment ?? about?.environment ?? '';
}
