// The columns there are, in the order in which they stand.
export const COLUMN_IDS = [
  'status',
  'name',
  'kind',
  'parent',
  'cluster',
  'node',
  'number',
  'version',
  'address',
  'pool',
  'tags',
  'ha',
  'lock',
  'type',
  'shared',
  'nodes',
  'content',
  'model',
  'size',
  'smart',
  'risk',
  'life',
  'poolState',
  'cpu',
  'memory',
  'disk',
  'used',
  'avail',
  'temperature',
  'diskread',
  'diskwrite',
  'netin',
  'netout',
  'spark',
  'uptime',
  'seen',
  'sources',
] as const;

export type ColumnId = (typeof COLUMN_IDS)[number];

/** Columns that show one metric under their own name. */
export const METRIC_COLUMNS = [
  'cpu',
  'memory',
  'used',
  'avail',
  'temperature',
  'diskread',
  'diskwrite',
  'netin',
  'netout',
] as const;

export type MetricColumn = (typeof METRIC_COLUMNS)[number];

const METRIC_SET: ReadonlySet<string> = new Set(METRIC_COLUMNS);

export function isMetricColumn(id: ColumnId): id is MetricColumn {
  return METRIC_SET.has(id);
}
