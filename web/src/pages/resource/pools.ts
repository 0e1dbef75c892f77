// Which pools lie on a physical disk: those of the same machine that name it. Pure.
import type { Resource } from '~/api/types';
import { facetOf } from './facets';

/** A partition counts for the disk that it is on: `sda3` and `nvme0n1p3`, but not `sdaa`. */
function liesOn(member: string, device: string): boolean {
  const name = member.slice(member.lastIndexOf('/') + 1);
  const rest = name.startsWith(device) ? name.slice(device.length) : undefined;
  return rest !== undefined && (/\d$/.test(device) ? /^(p\d+)?$/ : /^\d*$/).test(rest);
}

/** Names of devices count within one machine only: nodes of different clusters are called the same. */
function holds(pool: Resource, disk: Resource, device: string): boolean {
  if (!disk.parentId || pool.parentId !== disk.parentId) return false;
  // A ZFS pool tells of disks by name only where it is certain of them.
  if (facetOf(pool, 'zfsPool')?.devices.some(each => each.disk === device)) return true;
  return facetOf(pool, 'storagePool')?.members.some(member => liesOn(member, device)) ?? false;
}

/** In the order of the resources. */
export function poolsOn(disk: Resource, device: string, resources: Iterable<Resource>): Resource[] {
  return [...resources].filter(resource => holds(resource, disk, device));
}
