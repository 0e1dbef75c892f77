// What a page of the table is about. Infrastructure, Workloads and Storage are the same table over different resources.
import type { Resource, ViewPage } from '~/api/types';
import type { ColumnId } from './columnIds';

export type TableSpec = {
  /** Under which name its views are saved. */
  page: ViewPage;
  title: string;
  /** Which resources it is about. */
  has: (resource: Resource) => boolean;
  /** The columns that stand there until others are chosen. */
  columns: readonly ColumnId[];
  /** Where resources can stand below what they belong to: the columns of that view, which is then the first one. */
  treeColumns?: readonly ColumnId[];
  /** What to say where there are none. */
  empty: { title: string; lines: readonly string[] };
};
