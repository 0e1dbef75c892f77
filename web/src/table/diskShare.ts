// Which metrics of a kind of resource the table's general columns show.
import type { Metric, ResourceKind } from '~/api/types';
import type { MetricColumn } from './columnIds';

/** What measures the space that it holds as a storage does. */
const HOLDS_DATA: ReadonlySet<ResourceKind> = new Set<ResourceKind>(['storage', 'ceph']);

/** The share of space in use: a storage and Ceph call it `usage`; a physical disk has none (`disk` is its time busy). */
export function diskShare(kind: ResourceKind): Metric | undefined {
  if (kind === 'physical_disk') return undefined;
  return HOLDS_DATA.has(kind) ? 'usage' : 'disk';
}

/** The one metric that says most about a resource at a glance. */
export function sparkMetric(kind: ResourceKind): Metric {
  if (HOLDS_DATA.has(kind)) return 'usage';
  if (kind === 'physical_disk') return 'disk';
  return kind === 'network-endpoint' ? 'netin' : 'cpu';
}

/** What a column of one metric shows: a physical disk tells its temperature by SMART. */
export function columnMetric(column: MetricColumn, kind: ResourceKind): Metric {
  return column === 'temperature' && kind === 'physical_disk' ? 'smart_temp' : column;
}
