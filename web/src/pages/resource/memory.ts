// The decisions of a connection about memories, and the one about a resource.
import { queryOptions } from '@tanstack/react-query';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { Connection, GuestMemoryDecision, MemoryDecisions, NodeMemoryDecision } from '~/api/types';

export type Decision = GuestMemoryDecision | NodeMemoryDecision;

export const memoryQuery = ({ id, name }: Connection) =>
  queryOptions({
    queryKey: ['memory decisions', id],
    queryFn: ({ signal }) =>
      unwrap(
        `why the memories of ${name} are what they are`,
        api.GET('/api/connections/{id}/memory', { params: { path: { id } }, signal }),
      ),
    // Of all guests of the connection: not asked for again by itself.
    staleTime: 10_000,
  });

/** By the key that the connection itself uses. */
export function decisionOf({ guests, nodes }: MemoryDecisions, key: string): Decision | undefined {
  return guests.find(each => each.key === key) ?? nodes.find(each => each.key === key);
}
