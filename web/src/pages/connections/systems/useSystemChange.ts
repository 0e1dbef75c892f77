// Ignores or restores a connection of a machine, then reads again what the pages show.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { systemsQuery } from '~/api/queries';
import type { MachineReference, Surface } from '~/api/types';

export function useSystemChange<Output>(change: () => Promise<Output>, after: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => queries.invalidateQueries({ queryKey: systemsQuery.queryKey }),
    onSuccess: after,
  });
}

/** By what the server knows it. Only a surface that can be ignored by itself has such an id. */
export function referenceTo({ kind, controlId }: Surface): MachineReference {
  // A surface names its kind by the same words.
  return { kind: kind as MachineReference['kind'], controlId: controlId ?? '' };
}
