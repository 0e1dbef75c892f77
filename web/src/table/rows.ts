// Makes the rows of the table from the resources: filtered, as a tree below systems, or side by side in groups. Pure.
import type { ConnectedSystem, Resource, ResourceId, SourcedFacet, Status } from '~/api/types';
import { searchEntry } from '~/shell/search';
import { KIND, STATUS } from '~/strings/labels';
import { wordsBelow } from './below';
import { SEVERITY } from './sortValue';
import type { Filter, GroupBy } from './view';

export type HeadingRow = {
  type: 'heading';
  id: string;
  name: string;
  /** The worst of its members. */
  status: Status;
  about: string;
  explanation?: string;
  lastSeen?: number | null;
  children: TreeRow[];
};

export type TreeRow = HeadingRow | { type: 'resource'; id: string; resource: Resource; children: TreeRow[] };

type Resources = ReadonlyMap<ResourceId, Resource>;

function hasText(resource: Resource, { text }: Filter): boolean {
  return text === '' || searchEntry(resource).text.includes(text.trim().toLowerCase());
}

function hasAttributes(resource: Resource, { kinds, statuses, sources, tags }: Filter): boolean {
  if (kinds.length > 0 && !kinds.includes(resource.kind)) return false;
  if (statuses.length > 0 && !statuses.includes(resource.status)) return false;
  if (tags.length > 0 && !tags.some(tag => resource.tags.includes(tag))) return false;
  return sources.length === 0 || resource.sources.some(({ source }) => sources.includes(source));
}

/** A resource never changes, a changed one is another object: so its row without parts is made once, and drawn once. */
const leaves = new WeakMap<Resource, TreeRow>();

function leaf(resource: Resource): TreeRow {
  const known = leaves.get(resource);
  if (known) return known;
  const made: TreeRow = { type: 'resource', id: resource.id, resource, children: [] };
  leaves.set(resource, made);
  return made;
}

/** Every resource for itself. */
export function flatRows(resources: Resources, filter: Filter): TreeRow[] {
  const rows: TreeRow[] = [];
  for (const resource of resources.values()) {
    if (!hasAttributes(resource, filter) || !hasText(resource, filter)) continue;
    rows.push(leaf(resource));
  }
  return rows;
}

/** By what a resource is grouped; several where it belongs to several groups. */
function groupsOf(resource: Resource, by: GroupBy): string[] {
  switch (by) {
    case 'kind':
      return [KIND[resource.kind].many];
    case 'status':
      return [STATUS[resource.status]];
    case 'parent':
      return [resource.parentName ?? 'Part of nothing'];
    case 'source':
      return resource.sources.map(({ source }) => source);
    case 'tag':
      return resource.tags.length > 0 ? resource.tags : ['No tag'];
  }
}

/** The rows below a heading for each group. What belongs to several groups stands in each of them. */
export function groupedRows(rows: readonly TreeRow[], by: GroupBy): TreeRow[] {
  const groups = new Map<string, HeadingRow>();
  for (const row of rows) {
    if (row.type === 'heading') continue;
    for (const name of groupsOf(row.resource, by)) {
      const group = groups.get(name) ?? aGroup(`${by}:${name}`, name);
      groups.set(name, group);
      group.children.push({ ...row, id: `${group.id}/${row.resource.id}` });
      group.status = worse(group.status, row.resource.status);
    }
  }
  return [...groups.values()];
}

function aGroup(id: string, name: string): HeadingRow {
  return { type: 'heading', id, name, status: 'online', about: '', children: [] };
}

function worse(one: Status, other: Status): Status {
  return SEVERITY[other] < SEVERITY[one] ? other : one;
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
    if (children.length > 0) return [{ type: 'resource', id: resource.id, resource, children }];
    return found && hasAttributes(resource, filter) ? [leaf(resource)] : [];
  };
  const isTop = ({ parentId }: Resource) => !parentId || !resources.has(parentId);
  const top = [...resources.values()].filter(isTop).flatMap(resource => build(resource, false));
  return groupByCluster(groupBySystem(top, systems));
}

const OF_CLUSTERS: ReadonlySet<SourcedFacet['facet']> = new Set(['node', 'storage', 'guest']);

/** A cluster as one connection sees it: two of the same name are two. */
function clusterOf({ facets, identity }: Resource): { id: string; name: string } | undefined {
  const name = identity.clusterName;
  const source = facets.find(({ facet }) => OF_CLUSTERS.has(facet))?.source;
  return name && source !== undefined ? { id: `cluster:${source}:${name}`, name } : undefined;
}

/** Whatever stands at the top and belongs to a cluster, below a heading for it: nodes, and storages that they share. */
function groupByCluster(top: readonly TreeRow[]): TreeRow[] {
  const clusters = new Map<string, HeadingRow>();
  const rest: TreeRow[] = [];
  for (const row of top) {
    const cluster = clusterOfRow(row);
    if (!cluster) {
      rest.push(row);
      continue;
    }
    const heading = clusters.get(cluster.id) ?? { ...aGroup(cluster.id, cluster.name), about: 'of one cluster' };
    clusters.set(cluster.id, heading);
    heading.children.push(row);
    heading.status = worse(heading.status, row.type === 'heading' ? row.status : row.resource.status);
  }
  return [...[...clusters.values()].map(withWordsBelow), ...rest];
}

function withWordsBelow(cluster: HeadingRow): HeadingRow {
  const below = wordsBelow(cluster.children);
  return below ? { ...cluster, about: `${cluster.about}: ${below}` } : cluster;
}

/** A system of several members is in the cluster of the first of them that is in one. */
function clusterOfRow(row: TreeRow): ReturnType<typeof clusterOf> {
  if (row.type === 'resource') return clusterOf(row.resource);
  return row.children.map(clusterOfRow).find(cluster => cluster !== undefined);
}

/** A system of one member needs no heading. */
function groupBySystem(top: readonly TreeRow[], systems: readonly ConnectedSystem[]): TreeRow[] {
  const rowOf = new Map(top.map(row => [row.id, row]));
  const groups: TreeRow[] = [];
  for (const system of systems) {
    const children = system.resourceIds.flatMap(id => rowOf.get(id) ?? []);
    if (children.length < 2) continue;
    groups.push(systemHeading(system, children));
    for (const { id } of children) rowOf.delete(id);
  }
  return [...groups, ...rowOf.values()];
}

function systemHeading(system: ConnectedSystem, children: TreeRow[]): HeadingRow {
  const { id, name, healthStatus, surfaces, version, explanation, lastSeen } = system;
  const kinds = surfaces.map(({ label }) => label).join(', ');
  return {
    type: 'heading',
    id: `system:${id}`,
    name,
    status: healthStatus ?? 'unknown',
    about: version ? `${kinds}, ${version}` : kinds,
    explanation,
    lastSeen: lastSeen ?? null,
    children,
  };
}
