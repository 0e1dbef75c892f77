// The decision of a connection about a memory.
import { queryOptions } from '@tanstack/react-query';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { Connection, GuestMemoryDecision, MemoryDecisions, NodeMemoryDecision } from '~/api/types';

export type Decision = GuestMemoryDecision | NodeMemoryDecision;

export const memoryQuery = ({ id, name }: Connection, key: string) =>
  queryOptions({
    queryKey: ['memory decisions', id, key],
    queryFn: ({ signal }) =>
      unwrap(
        `why the memory of ${key} of ${name} is what it is`,
        api.GET('/api/connections/{id}/memory', { params: { path: { id }, query: { key } }, signal }),
      ),
    staleTime: 10_000,
  });

/** By the key that the connection itself uses. */
export function decisionOf({ guests, nodes }: MemoryDecisions, key: string): Decision | undefined {
  return guests.find(each => each.key === key) ?? nodes.find(each => each.key === key);
}
