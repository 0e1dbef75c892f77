// What the words of ZFS mean, and which resource one of its devices is. Pure.
import type { Resource, ResourceId, Status } from '~/api/types';
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

/** The physical disk that a node of the platform calls so. */
export function diskNamed(
  resources: ReadonlyMap<ResourceId, Resource>,
  node: string,
  device: string,
): Resource | undefined {
  for (const resource of resources.values()) {
    if (facetOf(resource, 'physicalDisk')?.device !== device || !resource.parentId) continue;
    const parent = resources.get(resource.parentId);
    if (parent && facetOf(parent, 'node')?.node === node) return resource;
  }
  return undefined;
}
