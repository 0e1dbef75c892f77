// What each column is called, how wide it must be, and which give way first where there is little room.
import type { ColumnId } from './columnIds';

export type Column = {
  id: ColumnId;
  title: string;
  /** In pixels. */
  narrowest: number;
  /** Share of the room that is left over; 0 keeps the column at its narrowest. */
  grows: number;
  numeric: boolean;
  /** The highest goes first when room runs out; 0 always stays. */
  yields: number;
  sortable: boolean;
};

const column = (id: ColumnId, title: string, narrowest: number, rest: Partial<Column> = {}): Column => ({
  id,
  title,
  narrowest,
  grows: 0,
  numeric: false,
  yields: 1,
  sortable: true,
  ...rest,
});

export const COLUMNS: Record<ColumnId, Column> = {
  status: column('status', 'Status', 96, { yields: 0 }),
  name: column('name', 'Name', 180, { grows: 3, yields: 0 }),
  kind: column('kind', 'Kind', 120, { yields: 6 }),
  parent: column('parent', 'Part of', 130, { grows: 1, yields: 7 }),
  cluster: column('cluster', 'Cluster', 100, { grows: 1, yields: 8 }),
  node: column('node', 'Runs on', 90, { grows: 1, yields: 5 }),
  number: column('number', 'Number', 76, { numeric: true, yields: 6 }),
  version: column('version', 'Version', 84, { yields: 9 }),
  address: column('address', 'Address', 130, { grows: 1, yields: 8 }),
  tags: column('tags', 'Tags', 110, { grows: 1, yields: 9 }),
  pool: column('pool', 'Pool', 90, { grows: 1, yields: 9 }),
  ha: column('ha', 'HA', 80, { yields: 10 }),
  lock: column('lock', 'Lock', 80, { yields: 10 }),
  type: column('type', 'Type', 84, { yields: 6 }),
  shared: column('shared', 'Shared', 72, { yields: 8 }),
  nodes: column('nodes', 'Nodes', 110, { grows: 1, yields: 9 }),
  content: column('content', 'Holds', 120, { grows: 1, yields: 10 }),
  model: column('model', 'Model', 130, { grows: 1, yields: 9 }),
  size: column('size', 'Size', 84, { numeric: true, yields: 7 }),
  smart: column('smart', 'SMART', 76, { yields: 6 }),
  risk: column('risk', 'Risk', 130, { yields: 6 }),
  life: column('life', 'Life left', 80, { numeric: true, yields: 8 }),
  poolState: column('poolState', 'Pool is', 90, { yields: 8 }),
  cpu: column('cpu', 'CPU', 120, { grows: 1 }),
  memory: column('memory', 'Memory', 120, { grows: 1, yields: 2 }),
  disk: column('disk', 'Disk', 120, { grows: 1, yields: 3 }),
  used: column('used', 'Used', 92, { numeric: true, yields: 5 }),
  avail: column('avail', 'Free', 92, { numeric: true, yields: 4 }),
  temperature: column('temperature', 'Temp.', 76, { numeric: true, yields: 8 }),
  diskread: column('diskread', 'Read', 96, { numeric: true, yields: 9 }),
  diskwrite: column('diskwrite', 'Written', 96, { numeric: true, yields: 9 }),
  netin: column('netin', 'Received', 96, { numeric: true, yields: 9 }),
  netout: column('netout', 'Sent', 96, { numeric: true, yields: 9 }),
  spark: column('spark', 'Last hour', 112, { yields: 8, sortable: false }),
  uptime: column('uptime', 'Uptime', 88, { numeric: true, yields: 10 }),
  seen: column('seen', 'Seen', 92, { numeric: true, yields: 0 }),
  sources: column('sources', 'Sources', 116, { grows: 1, yields: 11 }),
};

/** Those of the columns that fit, in their order; the ones that yield most give way first. */
export function fitColumns(ids: readonly ColumnId[], room: number): Column[] {
  const kept = ids.map(id => COLUMNS[id]);
  const width = () => kept.reduce((sum, { narrowest }) => sum + narrowest, 0);
  while (width() > room) {
    const most = Math.max(...kept.map(({ yields }) => yields));
    if (most === 0) break;
    kept.splice(
      kept.findLastIndex(({ yields }) => yields === most),
      1,
    );
  }
  return kept;
}

/** The columns as the tracks of a grid. */
export function gridTracks(columns: readonly Column[]): string {
  return columns
    .map(({ narrowest, grows }) => (grows > 0 ? `minmax(${narrowest}px, ${grows}fr)` : `${narrowest}px`))
    .join(' ');
}
