// The state of the Timeline view as it stands in the address.
import type { ChangeKind } from '~/api/types';
import { parseWords, type PlainSearch } from '~/searchParams';
import { CHANGE_KIND } from '~/strings/labels';

export type TimelineSearch = { kind?: string | undefined };

const KINDS = Object.keys(CHANGE_KIND) as ChangeKind[];

export function parseTimelineView(search: PlainSearch): TimelineSearch {
  const kinds = parseWords(search.kind, KINDS);
  return kinds.length > 0 ? { kind: kinds.join(',') } : {};
}

export function readKinds({ kind }: TimelineSearch): ChangeKind[] {
  return parseWords(kind, KINDS);
}
