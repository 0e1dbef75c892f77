// Makes the rows of the table from the resources: filtered, and in the hosts view as a tree below systems. Pure.
import type { ConnectedSystem, Resource, ResourceId } from '~/api/types';
import { searchEntry } from '~/shell/search';
import type { Filter } from './view';

export type TreeRow =
  | { type: 'system'; id: string; system: ConnectedSystem; children: TreeRow[] }
  | { type: 'resource'; id: ResourceId; resource: Resource; children: TreeRow[] };

type Resources = ReadonlyMap<ResourceId, Resource>;

function hasText(resource: Resource, { text }: Filter): boolean {
  return text === '' || searchEntry(resource).text.includes(text.trim().toLowerCase());
}

function hasAttributes(resource: Resource, { kinds, statuses, sources }: Filter): boolean {
  if (kinds.length > 0 && !kinds.includes(resource.kind)) return false;
  if (statuses.length > 0 && !statuses.includes(resource.status)) return false;
  return sources.length === 0 || resource.sources.some(({ source }) => sources.includes(source));
}

/** Every resource for itself. */
export function flatRows(resources: Resources, filter: Filter): TreeRow[] {
  const rows: TreeRow[] = [];
  for (const resource of resources.values()) {
    if (!hasAttributes(resource, filter) || !hasText(resource, filter)) continue;
    rows.push({ type: 'resource', id: resource.id, resource, children: [] });
  }
  return rows;
}

/**
 * Resources below what they belong to. One that does not pass the filter stays while something below it does. Text
 * found in a host counts for its parts as well: who searches for a host wants to see its disks.
 */
export function treeRows(resources: Resources, systems: readonly ConnectedSystem[], filter: Filter): TreeRow[] {
  const childrenOf = Map.groupBy(resources.values(), ({ parentId }) => parentId ?? null);
  const build = (resource: Resource, foundAbove: boolean): TreeRow[] => {
    const found = foundAbove || hasText(resource, filter);
    const children = (childrenOf.get(resource.id) ?? []).flatMap(child => build(child, found));
    const stays = (found && hasAttributes(resource, filter)) || children.length > 0;
    return stays ? [{ type: 'resource', id: resource.id, resource, children }] : [];
  };
  const isTop = ({ parentId }: Resource) => !parentId || !resources.has(parentId);
  const top = [...resources.values()].filter(isTop).flatMap(resource => build(resource, false));
  return groupBySystem(top, systems);
}

/** A system of one member needs no heading. */
function groupBySystem(top: readonly TreeRow[], systems: readonly ConnectedSystem[]): TreeRow[] {
  const rowOf = new Map(top.map(row => [row.id, row]));
  const groups: TreeRow[] = [];
  for (const system of systems) {
    const children = system.resourceIds.flatMap(id => rowOf.get(id) ?? []);
    if (children.length < 2) continue;
    groups.push({ type: 'system', id: `system:${system.id}`, system, children });
    for (const { id } of children) rowOf.delete(id);
  }
  return [...groups, ...rowOf.values()];
}
