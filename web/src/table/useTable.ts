// The table's model: the tree of rows, sorted and opened.
import { useCallback, useMemo, useState } from 'react';
import type { ReadingsOf } from '~/live/readings';
import { RowOrder, type ModelRow } from './order';
import type { TreeRow } from './rows';
import type { Sort } from './view';

type Opened = Readonly<Record<string, boolean>>;

type Model = { rows: ModelRow[]; toggle: (id: string, open: boolean) => void };

/** Headings are open until closed, hosts closed until opened; a filter opens what it found something in. */
export function useTableModel(tree: readonly TreeRow[], readings: ReadingsOf, sort: Sort, filtered: boolean): Model {
  const [chosen, setChosen] = useState<Opened>({});
  const [order] = useState(() => new RowOrder());
  const rows = useMemo(() => {
    const isOpen = ({ id, type }: TreeRow) => chosen[id] ?? (filtered || type === 'heading');
    return order.shown(tree, { sort, readings, isOpen });
  }, [order, tree, readings, sort, chosen, filtered]);
  const toggle = useCallback((id: string, open: boolean) => {
    setChosen(before => ({ ...before, [id]: open }));
  }, []);
  return { rows, toggle };
}
