// Changes something about connections, then reads again what the pages show. What is to be sent stands nowhere but in the
// request: a change that has a secret in it takes no input that would be remembered.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '~/api/client';
import { connectionsQuery } from '~/api/queries';
import { unwrap } from '~/api/problem';
import type { Connection, ConnectionChange } from '~/api/types';

export function useConnectionChange<Output>(change: () => Promise<Output>, after?: (output: Output) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    // Whether it worked or not: a look that fails changes what is known, too.
    onSettled: () => queries.invalidateQueries({ queryKey: connectionsQuery.queryKey }),
    onSuccess: output => {
      after?.(output);
    },
  });
}

/** The connection as it is, but for some of it; its secret stays. */
export function put(connection: Connection, change: Partial<ConnectionChange>) {
  const { id, name, endpoints, auth, pins, intervalSeconds, enabled, version } = connection;
  const body = { name, endpoints, auth, pins, intervalSeconds, enabled, version, secret: null, ...change };
  return unwrap(`to change ${name}`, api.PUT('/api/connections/{id}', { params: { path: { id } }, body }));
}
