// Tries a connection that need not exist. What is asked is made at the last moment by `ask`, and remembered nowhere: it may
// have a secret in it.
import { useMutation } from '@tanstack/react-query';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { ProbeRequest } from '~/api/types';

export function useProbe() {
  return useMutation({
    mutationFn: (ask: () => ProbeRequest) =>
      unwrap('to try the connection', api.POST('/api/connections/probe', { body: ask() })),
    gcTime: 0,
  });
}
