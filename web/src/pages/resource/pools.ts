// Which pools lie on a physical disk: those of the same machine that name it. Pure.
import type { Resource } from '~/api/types';
import { facetOf } from './facets';

/** A partition counts for the disk that it is on: `sda3` and `nvme0n1p3`, but not `sdaa`. */
function liesOn(member: string, device: string): boolean {
  const name = member.slice(member.lastIndexOf('/') + 1);
  const rest = name.startsWith(device) ? name.slice(device.length) : undefined;
  return rest !== undefined && (/\d$/.test(device) ? /^(p\d+)?$/ : /^\d*$/).test(rest);
}

function holds(pool: Resource, disk: Resource, device: string, node: string | undefined): boolean {
  const zfs = facetOf(pool, 'zfsPool');
  // A pool tells of disks by name only where it is certain of them; the name counts on its own node.
  if (zfs && zfs.node === node && zfs.devices.some(each => each.disk === device)) return true;
  const sameMachine = disk.parentId !== null && pool.parentId === disk.parentId;
  return sameMachine && (facetOf(pool, 'storagePool')?.members.some(member => liesOn(member, device)) ?? false);
}

/** In the order of the resources. `node` is the platform's name of the machine that has the disk. */
export function poolsOn(
  disk: Resource,
  device: string,
  node: string | undefined,
  resources: Iterable<Resource>,
): Resource[] {
  return [...resources].filter(resource => holds(resource, disk, device, node));
}
