// Ignores or restores a connection of a machine, then reads again what the pages show.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { systemsQuery } from '~/api/queries';
import type { ConnectedSystem, MachineReference, Surface } from '~/api/types';

/** One of the ways in which a system is connected. */
export type Connected = { system: ConnectedSystem; surface: Surface };

/** `failed`: for where nothing else shows what went wrong. */
export function useSystemChange(
  change: (what: Connected) => Promise<unknown>,
  after: (what: Connected) => void,
  failed?: (what: Connected, error: Error) => void,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => queries.invalidateQueries({ queryKey: systemsQuery.queryKey }),
    onSuccess: (_done, what) => {
      after(what);
    },
    onError: (error, what) => failed?.(what, error),
  });
}

/** By what the server knows it. Only a surface that can be ignored by itself has such an id. */
export function referenceTo({ kind, controlId }: Surface): MachineReference {
  return { kind, controlId: controlId ?? '' };
}
