// The state of the Audit page as it stands in the address: which rows, and which of them is open.
import type { PlainSearch } from '~/searchParams';

const FILTERS = ['actor', 'action', 'target', 'outcome', 'from', 'to', 'q'] as const;
export type AuditFilter = Partial<Record<(typeof FILTERS)[number], string>>;
export type AuditSearch = AuditFilter & { row?: string };

/** What the menu of outcomes offers. */
export const OUTCOMES = [
  { value: 'ok', label: 'Done' },
  { value: 'refused', label: 'Refused' },
];

export function parseAudit(search: PlainSearch): AuditSearch {
  return pick(search, [...FILTERS, 'row'] as const);
}

export function filterOf(search: AuditSearch): AuditFilter {
  return pick(search, FILTERS);
}

function pick<Name extends string>(search: Partial<Record<Name, string>>, names: readonly Name[]) {
  return Object.fromEntries(names.flatMap(name => (search[name] ? [[name, search[name]]] : []))) as Partial<
    Record<Name, string>
  >;
}

/** Where the rows are as a file. */
export function exportPath(filter: AuditFilter, format: 'csv' | 'jsonl'): string {
  return `/api/audit/export?${new URLSearchParams({ ...filter, format }).toString()}`;
}
