// What a column sorts by. Undefined sorts last in either direction: unknown is neither little nor much.
import type { Metric, Resource, Status } from '~/api/types';
import { EMPTY_ROW, type RowReadings } from '~/live/estate';
import type { ReadingsOf } from '~/live/readings';
import { hostFacet } from '~/pages/resource/facets';
import { isMetricColumn, METRIC_COLUMNS, type ColumnId } from './columnIds';
import { columnMetric, diskShare } from './diskShare';
import { isFactColumn, readFact, type FactColumn } from './facts';
import type { TreeRow } from './rows';

type SortValue = string | number | undefined;

/** The worst first. */
export const SEVERITY: Record<Status, number> = { offline: 0, warning: 1, unknown: 2, online: 3 };
const LIVE_COLUMNS: ReadonlySet<ColumnId> = new Set([...METRIC_COLUMNS, 'disk', 'seen']);
const PADDED = 12;

/** Whether the order by a column changes with each sweep. */
export function sortsByReadings(column: ColumnId): boolean {
  return LIVE_COLUMNS.has(column);
}

const naturalKeys = new Map<string, string>();

/** A key under which `web2` stands before `web10`. Remembered, because a thousand names are compared at a time. */
export function naturalKey(text: string): string {
  const known = naturalKeys.get(text);
  if (known !== undefined) return known;
  const key = text.toLowerCase().replaceAll(/\d+/g, digits => digits.padStart(PADDED, '0'));
  naturalKeys.set(text, key);
  return key;
}

function value(readings: RowReadings, metric: Metric | undefined): number | undefined {
  const reading = metric && readings.metrics[metric];
  return reading?.state === 'known' ? reading.value : undefined;
}

function factOrder(resource: Resource, column: FactColumn): SortValue {
  const fact = readFact(resource, column);
  return fact ? (fact.rank ?? fact.number ?? naturalKey(fact.text)) : undefined;
}

export function sortValue(row: TreeRow, column: ColumnId, readings: ReadingsOf): SortValue {
  if (row.type === 'heading') return column === 'status' ? SEVERITY[row.status] : naturalKey(row.name);
  const { resource } = row;
  const own = readings.get(resource.id) ?? EMPTY_ROW;
  if (isMetricColumn(column)) return value(own, columnMetric(column, resource.kind));
  if (isFactColumn(column)) return factOrder(resource, column);
  switch (column) {
    case 'status':
      return SEVERITY[resource.status];
    case 'name':
      return naturalKey(resource.canonicalIdentity.displayName);
    case 'kind':
      return resource.kind;
    case 'parent':
      return resource.parentName ? naturalKey(resource.parentName) : undefined;
    case 'address':
      return resource.identity.ipAddresses[0] && naturalKey(resource.identity.ipAddresses[0]);
    case 'tags':
      return resource.tags[0];
    case 'disk':
      return value(own, diskShare(resource.kind));
    case 'seen':
      return own.lastSeen ?? undefined;
    case 'uptime':
      return hostFacet(resource)?.bootedAt ?? undefined;
    case 'sources':
      return resource.sources[0]?.source;
    case 'spark':
      return undefined;
  }
}
