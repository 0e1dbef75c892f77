// Exchanges the set-up token for the first user and a session.
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { Credentials } from './credentials';
import { useEnter } from './useEnter';

export function useSetup(token: string | null) {
  const send = ({ username, password }: Credentials) =>
    unwrap('to create the first user', api.POST('/api/setup', { body: { token: token ?? '', username, password } }));
  return useEnter(send, '/');
}
