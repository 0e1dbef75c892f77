// The state of a table as it stands in the address, and as the page uses it.
import type { ResourceKind, Status } from '~/api/types';
import { parseWords, type PlainSearch } from '~/searchParams';
import { KIND, STATUS } from '~/strings/labels';
import { COLUMN_IDS, type ColumnId } from './columnIds';
import type { TableSpec } from './spec';

/** What stands in the address; absent means the default. */
export type ViewSearch = {
  view?: 'all' | undefined;
  group?: GroupBy | undefined;
  kind?: string | undefined;
  status?: string | undefined;
  source?: string | undefined;
  tag?: string | undefined;
  q?: string | undefined;
  /** A column, with a dash before it for descending. */
  sort?: string | undefined;
  /** The columns shown. */
  cols?: string | undefined;
};

export const GROUP_BY = ['kind', 'status', 'parent', 'source', 'tag'] as const;

export type GroupBy = (typeof GROUP_BY)[number];

export type Sort = { column: ColumnId; descending: boolean };

export type Filter = {
  kinds: readonly ResourceKind[];
  statuses: readonly Status[];
  sources: readonly string[];
  tags: readonly string[];
  text: string;
};

export type View = {
  mode: 'tree' | 'flat';
  group: GroupBy | null;
  filter: Filter;
  sort: Sort;
  columns: readonly ColumnId[];
};

export const NO_FILTER: Partial<ViewSearch> = {
  kind: undefined,
  status: undefined,
  source: undefined,
  tag: undefined,
  q: undefined,
};

const KINDS = Object.keys(KIND) as ResourceKind[];
const STATUSES = Object.keys(STATUS) as Status[];
const DEFAULT_SORT: Sort = { column: 'name', descending: false };

/** Keeps of an address what means something; the rest is dropped. */
export function parseView(search: PlainSearch): ViewSearch {
  const words = {
    view: search.view === 'all' ? ('all' as const) : undefined,
    group: parseWords(search.group, GROUP_BY)[0],
    kind: parseWords(search.kind, KINDS).join(','),
    status: parseWords(search.status, STATUSES).join(','),
    source: search.source,
    tag: search.tag,
    q: search.q,
    sort: parseSort(search.sort) && search.sort,
    cols: parseWords(search.cols, COLUMN_IDS).join(','),
  };
  const present = Object.entries(words).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(present);
}

function parseSort(text: string | undefined): Sort | undefined {
  if (!text) return undefined;
  const descending = text.startsWith('-');
  const [column] = parseWords(descending ? text.slice(1) : text, COLUMN_IDS);
  return column && { column, descending };
}

const list = (text: string | undefined) => text?.split(',').filter(Boolean) ?? [];

export function readView(search: ViewSearch, { columns, treeColumns }: TableSpec): View {
  const chosen = parseWords(search.cols, COLUMN_IDS);
  const group = search.group ?? null;
  const mode = treeColumns && group === null && search.view !== 'all' ? 'tree' : 'flat';
  const usual = mode === 'tree' ? (treeColumns ?? columns) : columns;
  return {
    mode,
    group,
    filter: {
      kinds: parseWords(search.kind, KINDS),
      statuses: parseWords(search.status, STATUSES),
      sources: list(search.source),
      tags: list(search.tag),
      text: search.q ?? '',
    },
    sort: parseSort(search.sort) ?? DEFAULT_SORT,
    columns: chosen.length > 0 ? chosen : usual,
  };
}

/** What a click on a column's head leads to: ascending, descending, and back to the default order. */
export function nextSort(current: Sort, column: ColumnId): string | undefined {
  if (current.column !== column) return column;
  return current.descending ? undefined : `-${column}`;
}

export function isFiltered({ kinds, statuses, sources, tags, text }: Filter): boolean {
  return kinds.length + statuses.length + sources.length + tags.length > 0 || text !== '';
}
