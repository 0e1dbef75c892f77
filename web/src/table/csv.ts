// Writes the rows on the screen as CSV.
import type { Resource } from '~/api/types';
import { csvText } from '~/files/csv';
import type { ReadingsOf } from '~/live/readings';
import { EMPTY_ROW } from '~/live/estate';
import { hostFacet } from '~/pages/resource/facets';
import { KIND, STATUS } from '~/strings/labels';
import { isMetricColumn, type ColumnId } from './columnIds';
import { COLUMNS } from './columns';
import { columnMetric, diskShare } from './diskShare';
import { isFactColumn, readFact, type FactColumn } from './facts';
import type { TreeRow } from './rows';

function plainFact(resource: Resource, column: FactColumn): string {
  const fact = readFact(resource, column);
  return fact === null ? 'unknown: not_reported' : String(fact?.number ?? fact?.text ?? '');
}

/** Base units and RFC 3339 times, so that a program can read them; unknown is the word, with its reason. */
function plain(row: Extract<TreeRow, { type: 'resource' }>, column: ColumnId, readings: ReadingsOf): string {
  const { resource } = row;
  const own = readings.get(resource.id) ?? EMPTY_ROW;
  const metric = (reading: (typeof own.metrics)['cpu']) => {
    if (!reading) return '';
    return reading.state === 'known' ? String(reading.value) : `unknown: ${reading.reason ?? 'not_reported'}`;
  };
  if (isMetricColumn(column)) return metric(own.metrics[columnMetric(column, resource.kind)]);
  if (isFactColumn(column)) return plainFact(resource, column);
  switch (column) {
    case 'status':
      return STATUS[resource.status];
    case 'name':
      return resource.canonicalIdentity.displayName;
    case 'kind':
      return KIND[resource.kind].one;
    case 'parent':
      return resource.parentName ?? '';
    case 'address':
      return resource.identity.ipAddresses.join(' ');
    case 'tags':
      return resource.tags.join(' ');
    case 'disk': {
      const share = diskShare(resource.kind);
      return share ? metric(own.metrics[share]) : '';
    }
    case 'uptime':
      return hostFacet(resource)?.bootedAt ?? '';
    case 'seen':
      return own.lastSeen === null ? '' : new Date(own.lastSeen).toISOString();
    case 'sources':
      return resource.sources.map(({ source }) => source).join(' ');
    case 'spark':
      return '';
  }
}

const HEADS: Partial<Record<ColumnId, string>> = {
  cpu: 'CPU %',
  memory: 'Memory %',
  disk: 'Disk %',
  used: 'Used bytes',
  avail: 'Free bytes',
  size: 'Size bytes',
  life: 'Life left %',
  temperature: 'Temperature °C',
  diskread: 'Read bytes/s',
  diskwrite: 'Written bytes/s',
  netin: 'Received bytes/s',
  netout: 'Sent bytes/s',
  uptime: 'Started',
};

/** The resources among the rows, in their order, with the columns shown. */
export function exportRows(rows: readonly TreeRow[], columns: readonly ColumnId[], readings: ReadingsOf): string {
  const drawn = columns.filter(id => id !== 'spark');
  const heads = drawn.map(id => HEADS[id] ?? COLUMNS[id].title);
  const lines = rows.flatMap(row => (row.type === 'resource' ? [drawn.map(id => plain(row, id, readings))] : []));
  return csvText([heads, ...lines]);
}
