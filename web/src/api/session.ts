import { queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { heldActs } from '../acts/held';
import { useLang } from '../words/useLang';
import { ask, client, done, type Schemas } from './client';

export type Session = Schemas['Session'];
export type Role = Schemas['Role'];

export const SESSION = ['session'];
export const STRANGER: Session = { name: null, role: null, way: null };

const ROLES: Role[] = ['viewer', 'operator', 'admin'];

export const SESSION_QUERY = queryOptions({
  queryKey: SESSION,
  queryFn: ({ signal }) => ask(client.GET('/api/v1/session', { signal })),
  staleTime: Infinity,
});

/** Who asks, and what they may. */
export function useSession() {
  return useQuery(SESSION_QUERY);
}

/** Whether whoever looks may do what a role may; as long as that is not known, they may not. */
export function useMay(role: Role): boolean {
  const { data } = useSession();
  return data?.role != null && ROLES.indexOf(data.role) >= ROLES.indexOf(role);
}

/** Name and password were right, and the browser did not keep who it is: over http it keeps no cookie that is for https. */
export class LoginNotKept extends Error {}

/** Lets somebody in. What was read as somebody else is forgotten. */
export function useLogin() {
  const lang = useLang();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: Schemas['LoginAsked']) => {
      await ask(client.POST('/api/v1/session', { params: { query: { lang } }, body }));
      // The answer was yes, but only the next question shows whether the browser has kept the cookie.
      const session = await ask(client.GET('/api/v1/session'));
      if (session.role === null) throw new LoginNotKept();
      return session;
    },
    onSuccess: (session) => {
      forget(queries, session);
    },
  });
}

/** Logs out; what was done before is stored before. */
export function useLogout() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await heldActs.settle();
      await done(client.DELETE('/api/v1/session'));
    },
    onSuccess: () => startAgain(queries),
  });
}

/** Sets one's own password; all of one's sessions end by it. */
export function useOwnPassword() {
  const lang = useLang();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (body: Schemas['PasswordAsked']) => {
      await heldActs.settle();
      await done(client.PUT('/api/v1/session/password', { params: { query: { lang } }, body }));
    },
    onSuccess: () => startAgain(queries),
  });
}

/** Nobody is known any more; on this machine it may be that nobody needs to be. */
function startAgain(queries: QueryClient) {
  forget(queries, STRANGER);
  return queries.invalidateQueries({ queryKey: SESSION });
}

/** What was read as somebody else; who it is now is known to whoever asks. */
function forget(queries: QueryClient, session: Session) {
  queries.setQueryData(SESSION, session);
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] });
}
