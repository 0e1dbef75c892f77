// The state of the Infrastructure view as it stands in the address, and as the page uses it.
import type { ResourceKind, Status } from '~/api/types';
import { parseWords, type PlainSearch } from '~/searchParams';
import { KIND, STATUS } from '~/strings/labels';
import { COLUMN_IDS, type ColumnId } from './columnIds';

/** What stands in the address; absent means the default. */
export type ViewSearch = {
  view?: 'all' | undefined;
  kind?: string | undefined;
  status?: string | undefined;
  source?: string | undefined;
  q?: string | undefined;
  /** A column, with a dash before it for descending. */
  sort?: string | undefined;
  /** The columns shown. */
  cols?: string | undefined;
};

export type Sort = { column: ColumnId; descending: boolean };

export type Filter = {
  kinds: readonly ResourceKind[];
  statuses: readonly Status[];
  sources: readonly string[];
  text: string;
};

export type View = { mode: 'hosts' | 'all'; filter: Filter; sort: Sort; columns: readonly ColumnId[] };

const KINDS = Object.keys(KIND) as ResourceKind[];
const STATUSES = Object.keys(STATUS) as Status[];
const DEFAULT_SORT: Sort = { column: 'name', descending: false };
const DEFAULT_COLUMNS: Record<View['mode'], readonly ColumnId[]> = {
  hosts: ['status', 'name', 'cpu', 'memory', 'disk', 'netin', 'netout', 'spark', 'uptime', 'seen', 'sources'],
  all: ['status', 'name', 'kind', 'parent', 'cpu', 'memory', 'disk', 'netin', 'netout', 'spark', 'seen', 'sources'],
};

/** Keeps of an address what means something; the rest is dropped. */
export function parseView(search: PlainSearch): ViewSearch {
  const words = {
    kind: parseWords(search.kind, KINDS).join(','),
    status: parseWords(search.status, STATUSES).join(','),
    source: search.source,
    q: search.q,
    sort: parseSort(search.sort) && search.sort,
    cols: parseWords(search.cols, COLUMN_IDS).join(','),
  };
  const present = Object.entries(words).filter(([, value]) => value !== undefined && value !== '');
  return { ...(search.view === 'all' && { view: 'all' as const }), ...(Object.fromEntries(present) as ViewSearch) };
}

function parseSort(text: string | undefined): Sort | undefined {
  if (!text) return undefined;
  const descending = text.startsWith('-');
  const [column] = parseWords(descending ? text.slice(1) : text, COLUMN_IDS);
  return column && { column, descending };
}

export function readView(search: ViewSearch): View {
  const mode = search.view ?? 'hosts';
  const chosen = parseWords(search.cols, COLUMN_IDS);
  return {
    mode,
    filter: {
      kinds: parseWords(search.kind, KINDS),
      statuses: parseWords(search.status, STATUSES),
      sources: search.source?.split(',').filter(Boolean) ?? [],
      text: search.q ?? '',
    },
    sort: parseSort(search.sort) ?? DEFAULT_SORT,
    columns: chosen.length > 0 ? chosen : DEFAULT_COLUMNS[mode],
  };
}

/** What a click on a column's head leads to: ascending, descending, and back to the default order. */
export function nextSort(current: Sort, column: ColumnId): string | undefined {
  if (current.column !== column) return column;
  return current.descending ? undefined : `-${column}`;
}

export function isFiltered({ kinds, statuses, sources, text }: Filter): boolean {
  return kinds.length + statuses.length + sources.length > 0 || text !== '';
}
