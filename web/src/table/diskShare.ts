// Which metrics of a kind of resource the table's general columns show.
import type { Metric, ResourceKind } from '~/api/types';
import type { MetricColumn } from './columnIds';

/** The share of space in use: a storage calls it `usage`; a physical disk has none (`disk` is its time busy). */
export function diskShare(kind: ResourceKind): Metric | undefined {
  if (kind === 'physical_disk') return undefined;
  return kind === 'storage' ? 'usage' : 'disk';
}

/** The one metric that says most about a resource at a glance. */
export function sparkMetric(kind: ResourceKind): Metric {
  if (kind === 'storage') return 'usage';
  if (kind === 'physical_disk') return 'disk';
  return kind === 'network-endpoint' ? 'netin' : 'cpu';
}

/** What a column of one metric shows: a physical disk tells its temperature by SMART. */
export function columnMetric(column: MetricColumn, kind: ResourceKind): Metric {
  return column === 'temperature' && kind === 'physical_disk' ? 'smart_temp' : column;
}
