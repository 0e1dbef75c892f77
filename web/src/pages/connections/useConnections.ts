// The connections, asked for again and again while somebody looks, and how many requests each sends.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { connectionsQuery } from '~/api/queries';
import type { Connection } from '~/api/types';
import { perMinute, withCount, type CountAt } from './requestRate';

const LOOK_EVERY_MS = 5000;

type Counts = { at: number; of: ReadonlyMap<string, readonly CountAt[]> };

export function useConnections() {
  const query = useQuery({ ...connectionsQuery, refetchInterval: LOOK_EVERY_MS });
  const { data, dataUpdatedAt: at } = query;
  const [counts, setCounts] = useState<Counts>({ at: 0, of: new Map() });
  // With each answer, before it is drawn.
  if (data && counts.at !== at) setCounts({ at, of: counted(counts, data, at) });
  const rateOf = (id: string) => perMinute(counts.of.get(id) ?? []);
  return { query, rateOf };
}

function counted({ of }: Counts, connections: readonly Connection[], at: number): Counts['of'] {
  return new Map(
    connections.map(({ id, observed }) => [id, withCount(of.get(id) ?? [], { at, count: observed.requests })]),
  );
}
