// What the Access page reads.
import { queryOptions } from '@tanstack/react-query';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';

export const accountQuery = queryOptions({
  queryKey: ['access', 'account'],
  queryFn: ({ signal }) => unwrap('your account', api.GET('/api/account', { signal })),
});

export const sessionsQuery = queryOptions({
  queryKey: ['access', 'sessions'],
  queryFn: async ({ signal }) => (await unwrap('your sessions', api.GET('/api/sessions', { signal }))).items,
});

export const usersQuery = queryOptions({
  queryKey: ['access', 'users'],
  queryFn: async ({ signal }) => (await unwrap('the list of users', api.GET('/api/users', { signal }))).items,
});

export const userSessionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['access', 'users', id, 'sessions'],
    queryFn: async ({ signal }) => {
      const params = { path: { id } };
      return (await unwrap("the user's sessions", api.GET('/api/users/{id}/sessions', { params, signal }))).items;
    },
  });

export const tokensQuery = queryOptions({
  queryKey: ['access', 'tokens'],
  queryFn: async ({ signal }) => (await unwrap('the list of tokens', api.GET('/api/tokens', { signal }))).items,
});

export const providerQuery = queryOptions({
  queryKey: ['access', 'provider'],
  queryFn: async ({ signal }) => (await unwrap('the identity provider', api.GET('/api/oidc', { signal }))).provider,
  refetchInterval: 10_000,
});
