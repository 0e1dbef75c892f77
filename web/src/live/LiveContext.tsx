// Hands the live store and connection to the components, and reads parts of it for them.
import { createContext, use, useEffect, useSyncExternalStore, type ReactNode } from 'react';
import type { Resource, ResourceId } from '~/api/types';
import type { LiveConnection } from './connection';
import { EMPTY_ROW, type Estate, type RowReadings } from './estate';
import type { LiveStatus } from './status';
import type { LiveStore } from './store';

export type Live = { store: LiveStore; connection: LiveConnection };

const LiveContext = createContext<Live | null>(null);

export function LiveProvider({ live, children }: { live: Live; children: ReactNode }) {
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = use(LiveContext);
  if (live === null) throw new Error('a component outside LiveProvider asks for live data');
  return live;
}

/** The resources; renders when facts change, and not with each sweep. */
export function useResources(): Estate['resources'] | undefined {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, () => store.getEstate()?.resources);
}

export function useResource(id: ResourceId): Resource | undefined {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, () => store.getEstate()?.resources.get(id));
}

export function useRowReadings(id: ResourceId): RowReadings {
  return useRowReading(id, row => row);
}

/** A part of a row's readings; renders when that changes. It is compared by identity. */
export function useRowReading<Part>(id: ResourceId, part: (row: RowReadings) => Part): Part {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, () => part(store.getEstate()?.readings.get(id) ?? EMPTY_ROW));
}

export function useLiveStatus(): LiveStatus {
  const { store } = useLive();
  return useSyncExternalStore(store.subscribe, store.getStatus);
}

/** Subscribes to the readings of what is on the screen. An effect, because the server has to be told. */
export function useWatch(ids: readonly ResourceId[]) {
  const { connection } = useLive();
  const key = ids.join(',');
  useEffect(() => connection.watch(key === '' ? [] : key.split(',')), [connection, key]);
}
