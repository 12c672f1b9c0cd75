import { useOneself } from '../acts/useOneself';
import { useSession } from '../api/session';
import { Login } from './Login';
import { Pages } from './Pages';
import { Telling } from './Telling';

/** The pages, or the login for whom smartETL does not know. */
export function Frame() {
  useOneself();
  const { data: session } = useSession();
  if (session?.role === null) return <Login />;
  return (
    <Telling>
      <Pages />
    </Telling>
  );
}
