import { useSession } from '../api/session';
import { Login } from './Login';
import { Pages } from './Pages';

/** The pages, or the login for whom smartETL does not know. */
export function Frame() {
  const { data: session } = useSession();
  return session?.role === null ? <Login /> : <Pages />;
}
