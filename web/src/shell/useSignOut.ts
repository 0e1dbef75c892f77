// Ends the session on the server and forgets here what it showed.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, rememberCsrfToken } from '~/api/client';
import { problemCode, unwrap } from '~/api/problem';
import { useLive } from '~/live/LiveContext';

export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { connection } = useLive();
  return async () => {
    await unwrap('to sign out', api.POST('/api/logout')).catch((error: unknown) => {
      // Somebody whose session has ended already is signed out as well.
      if (problemCode(error) !== 'unauthenticated') throw error;
    });
    connection.stop();
    rememberCsrfToken(null);
    queries.clear();
    await navigate({ to: '/login' });
  };
}
