import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { heldActs } from '../acts/held';
import { useLang } from '../words/useLang';
import { ask, client, done, type Schemas } from './client';

export type User = Schemas['UserFacts'];
export type Token = Schemas['TokenFacts'];
export type Entry = Schemas['AuditFacts'];
export type Override = Schemas['OverrideFacts'];

const USERS = ['users'];
const TOKENS = ['tokens'];

/** Who may log in. */
export function useUsers(isAsked = true) {
  return useQuery({
    queryKey: USERS,
    queryFn: ({ signal }) => ask(client.GET('/api/v1/users', { signal })),
    enabled: isAsked,
  });
}

/** Programs that may use the service. */
export function useTokens() {
  return useQuery({ queryKey: TOKENS, queryFn: ({ signal }) => ask(client.GET('/api/v1/tokens', { signal })) });
}

/** Who changed what, the latest first. */
export function useAudit() {
  return useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam, signal }) =>
      ask(client.GET('/api/v1/audit', { params: { query: pageParam === '' ? {} : { cursor: pageParam } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** What people said of problems, the latest first; also what was taken back. */
export function useOverrides() {
  return useInfiniteQuery({
    queryKey: ['overrides'],
    queryFn: ({ pageParam, signal }) =>
      ask(
        client.GET('/api/v1/overrides', { params: { query: pageParam === '' ? {} : { cursor: pageParam } }, signal }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

export type UserChange =
  | { kind: 'add'; body: Schemas['UserAsked'] }
  | { kind: 'change'; name: string; body: Schemas['UserChangeAsked'] }
  | { kind: 'remove'; name: string };

export function useUserChange() {
  const query = { lang: useLang() };
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (change: UserChange) => {
      // It may be one's own account, whose sessions end by it.
      await heldActs.settle();
      if (change.kind === 'add') return done(client.POST('/api/v1/users', { params: { query }, body: change.body }));
      const params = { path: { user: change.name }, query };
      return change.kind === 'change'
        ? done(client.PATCH('/api/v1/users/{user}', { params, body: change.body }))
        : done(client.DELETE('/api/v1/users/{user}', { params }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: USERS }),
  });
}

/** Makes a token, which is shown this once. */
export function useNewToken() {
  const query = { lang: useLang() };
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['TokenAsked']) => ask(client.POST('/api/v1/tokens', { params: { query }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: TOKENS }),
    // It is not kept beside what shows it.
    gcTime: 0,
  });
}

export function useRevoke() {
  const query = { lang: useLang() };
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: string) =>
      done(client.DELETE('/api/v1/tokens/{token}', { params: { path: { token }, query } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: TOKENS }),
  });
}
