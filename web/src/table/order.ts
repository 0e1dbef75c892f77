// The rows of a tree in their order, those that are shown: each below what it belongs to, where that is open.
import type { ReadingsOf } from '~/live/readings';
import type { TreeRow } from './rows';
import { sortValue } from './sortValue';
import type { Sort } from './view';

export type ModelRow = { id: string; original: TreeRow; depth: number; open: boolean };

/** What rows are sorted by and which are open. */
export type Wanted = { sort: Sort; readings: ReadingsOf; isOpen: (row: TreeRow) => boolean };

type Key = ReturnType<typeof sortValue>;

/** Remembers the last order: ten thousand rows of which a few have changed are sorted again in a single pass. */
export class RowOrder {
  private ranks: ReadonlyMap<string, number> = new Map();

  shown(tree: readonly TreeRow[], wanted: Wanted): ModelRow[] {
    const top = sorted(this.asBefore(tree), wanted);
    this.ranks = new Map(top.map(({ id }, rank) => [id, rank]));
    const rows: ModelRow[] = [];
    const add = (level: readonly TreeRow[], depth: number) => {
      for (const original of level) {
        const open = original.children.length > 0 && wanted.isOpen(original);
        rows.push({ id: original.id, original, depth, open });
        if (open) add(sorted(original.children, wanted), depth + 1);
      }
    };
    add(top, 0);
    return rows;
  }

  private asBefore(tree: readonly TreeRow[]): TreeRow[] {
    const [known, fresh]: [TreeRow[], TreeRow[]] = [[], []];
    for (const row of tree) {
      const rank = this.ranks.get(row.id);
      if (rank === undefined) fresh.push(row);
      else known[rank] = row;
    }
    // What has left the tree left a hole behind, which `flat` drops.
    return [...known.flat(), ...fresh];
  }
}

/** Rows of one key follow each other by their ids, so that they do not change places with each sweep. */
function sorted(rows: readonly TreeRow[], { sort: { column, descending }, readings }: Wanted): TreeRow[] {
  const keyed = rows.map(row => ({ row, key: sortValue(row, column, readings) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key, descending) || (a.row.id < b.row.id ? -1 : 1));
  return keyed.map(({ row }) => row);
}

/** What is not known comes last in either direction. */
function compareKeys(one: Key, other: Key, descending: boolean): number {
  if (one === other) return 0;
  if (one === undefined) return 1;
  if (other === undefined) return -1;
  // Numbers before words, such as the ids of guests on different platforms.
  const less = typeof one === typeof other ? one < other : typeof one === 'number';
  return less === descending ? 1 : -1;
}
