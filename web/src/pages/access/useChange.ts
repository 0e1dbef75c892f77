// Changes something about access, then reads again what the page shows.
import { useMutation, useQueryClient } from '@tanstack/react-query';

export function useChange<Input, Output>(change: (input: Input) => Promise<Output>, after?: (output: Output) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async output => {
      after?.(output);
      await queries.invalidateQueries({ queryKey: ['access'] });
    },
  });
}
