// What the words of ZFS mean, and which resources its devices are. Pure.
import type { Resource, Status } from '~/api/types';
import { facetOf } from './facets';

const STATUS_OF: Readonly<Record<string, Status>> = {
  ONLINE: 'online',
  AVAIL: 'online',
  INUSE: 'warning',
  DEGRADED: 'warning',
  OFFLINE: 'warning',
  FAULTED: 'offline',
  UNAVAIL: 'offline',
  REMOVED: 'offline',
};

/** A word that we do not know says nothing, neither good nor bad. */
export function deviceStatus(state: string): Status {
  return STATUS_OF[state.toUpperCase()] ?? 'unknown';
}

/** The physical disks of one machine by what it calls them. */
export function disksByDevice(parts: readonly Resource[]): ReadonlyMap<string, Resource> {
  return new Map(
    parts.flatMap(part => {
      const device = facetOf(part, 'physicalDisk')?.device;
      return device === undefined ? [] : [[device, part] as const];
    }),
  );
}
