// Rules on who is who, then reads again what the pages show. Takes the note with which the ruling is made.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { overviewQuery, systemsQuery } from '~/api/queries';
import { say } from '~/notices/toasts';

export function useRuling(rule: (note: string | null) => Promise<unknown>, done: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: rule,
    onSuccess: () => {
      say({ kind: 'done', text: done });
    },
    // Whether it worked or not: a ruling that is refused tells that something is otherwise by now.
    onSettled: () =>
      Promise.all(
        [['identity'], ['resource'], overviewQuery.queryKey, systemsQuery.queryKey].map(queryKey =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  });
}
