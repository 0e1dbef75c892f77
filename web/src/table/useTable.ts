// The table's model: the tree of rows, sorted and opened.
import {
  createExpandedRowModel,
  createSortedRowModel,
  rowExpandingFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type Row,
} from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import type { Estate } from '~/live/estate';
import { COLUMN_IDS } from './columnIds';
import type { TreeRow } from './rows';
import { sortValue } from './sortValue';
import type { Sort } from './view';

const features = tableFeatures({
  rowSortingFeature,
  rowExpandingFeature,
  sortedRowModel: createSortedRowModel(),
  expandedRowModel: createExpandedRowModel(),
});

export type ModelRow = Row<typeof features, TreeRow>;

function compare(a: ModelRow, b: ModelRow, column: string): number {
  const [one, two] = [a.getValue<string | number>(column), b.getValue<string | number>(column)];
  if (one === two) return 0;
  return one < two ? -1 : 1;
}

function columnsReading(readings: Estate['readings']): ColumnDef<typeof features, TreeRow>[] {
  return COLUMN_IDS.map(id => ({
    id,
    accessorFn: (row: TreeRow) => sortValue(row, id, readings),
    sortFn: compare,
    sortUndefined: 'last' as const,
  }));
}

type Opened = Readonly<Record<string, boolean>>;

/** Headings are open until closed, hosts closed until opened; a filter opens what it found something in. */
function openRows(rows: readonly TreeRow[], chosen: Opened, filtered: boolean): Record<string, boolean> {
  const open: Record<string, boolean> = {};
  const visit = (row: TreeRow) => {
    if (row.children.length === 0) return;
    if (chosen[row.id] ?? (filtered || row.type === 'heading')) open[row.id] = true;
    row.children.forEach(visit);
  };
  rows.forEach(visit);
  return open;
}

type Model = { rows: ModelRow[]; toggle: (id: string, open: boolean) => void };

export function useTableModel(tree: TreeRow[], readings: Estate['readings'], sort: Sort, filtered: boolean): Model {
  const [chosen, setChosen] = useState<Opened>({});
  const columns = useMemo(() => columnsReading(readings), [readings]);
  const expanded = useMemo(() => openRows(tree, chosen, filtered), [tree, chosen, filtered]);
  const sorting = useMemo(() => [{ id: sort.column, desc: sort.descending }], [sort.column, sort.descending]);
  // A row remembers its values, so that new readings take new rows.
  const data = useMemo(() => (readings.size === 0 ? tree : [...tree]), [tree, readings]);
  const table = useTable({
    features,
    columns,
    data,
    getRowId: row => row.id,
    getSubRows: row => row.children,
    state: { sorting, expanded },
    autoResetExpanded: false,
  });
  const toggle = (id: string, open: boolean) => {
    setChosen(before => ({ ...before, [id]: open }));
  };
  return { rows: table.getRowModel().rows, toggle };
}
