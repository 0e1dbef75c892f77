// Signs in, in either way, and goes to where the visitor wanted to go.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { rememberCsrfToken } from '~/api/client';
import { sessionQuery } from '~/api/queries';
import type { Session } from '~/api/types';

export function useEnter<Form>(send: (form: Form) => Promise<Session>, next: string) {
  const queries = useQueryClient();
  const router = useRouter();
  return useMutation({
    mutationFn: send,
    onSuccess: session => {
      rememberCsrfToken(session.csrfToken ?? null);
      queries.setQueryData(sessionQuery.queryKey, session);
      router.history.replace(next);
    },
  });
}
