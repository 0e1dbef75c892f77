// What a column sorts by. Undefined sorts last in either direction: unknown is neither little nor much.
import type { Metric, Status } from '~/api/types';
import { EMPTY_ROW, type Estate, type RowReadings } from '~/live/estate';
import { hostFacet } from '~/pages/resource/facets';
import type { ColumnId } from './columnIds';
import { diskShare } from './diskShare';
import type { TreeRow } from './rows';

type SortValue = string | number | undefined;

/** The worst first. */
const SEVERITY: Record<Status, number> = { offline: 0, warning: 1, unknown: 2, online: 3 };
const METRIC_COLUMNS = {
  cpu: 'cpu',
  memory: 'memory',
  temperature: 'temperature',
  netin: 'netin',
  netout: 'netout',
} as const;
const LIVE_COLUMNS: ReadonlySet<ColumnId> = new Set([
  'cpu',
  'memory',
  'disk',
  'temperature',
  'netin',
  'netout',
  'seen',
]);
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

export function sortValue(row: TreeRow, column: ColumnId, readings: Estate['readings']): SortValue {
  if (row.type === 'system')
    return column === 'status' ? SEVERITY[row.system.healthStatus] : naturalKey(row.system.name);
  const { resource } = row;
  const own = readings.get(row.id) ?? EMPTY_ROW;
  switch (column) {
    case 'status':
      return SEVERITY[resource.status];
    case 'name':
      return naturalKey(resource.canonicalIdentity.displayName);
    case 'kind':
      return resource.kind;
    case 'parent':
      return resource.parentName ? naturalKey(resource.parentName) : undefined;
    case 'disk':
      return value(own, diskShare(resource.kind));
    case 'cpu':
    case 'memory':
    case 'temperature':
    case 'netin':
    case 'netout':
      return value(own, METRIC_COLUMNS[column]);
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
