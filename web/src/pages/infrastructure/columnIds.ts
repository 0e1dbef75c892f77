// The columns there are, in the order in which they stand.
export const COLUMN_IDS = [
  'status',
  'name',
  'kind',
  'parent',
  'cpu',
  'memory',
  'disk',
  'temperature',
  'netin',
  'netout',
  'spark',
  'uptime',
  'seen',
  'sources',
] as const;

export type ColumnId = (typeof COLUMN_IDS)[number];
