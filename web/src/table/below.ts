// What stands below the members of a heading, in few words, so that one that is closed still says how much it holds. Pure.
import type { ResourceKind } from '~/api/types';
import { counted } from '~/format/units';
import { KIND } from '~/strings/labels';
import type { TreeRow } from './rows';

const MOST_KINDS = 3;

function countKinds(rows: readonly TreeRow[], counts: Map<ResourceKind, number>) {
  for (const row of rows) {
    if (row.type === 'resource') counts.set(row.resource.kind, (counts.get(row.resource.kind) ?? 0) + 1);
    countKinds(row.children, counts);
  }
}

/** `120 virtual machines, 14 disks and more`: the most frequent kinds below the members; empty where nothing is. */
export function wordsBelow(members: readonly TreeRow[]): string {
  const counts = new Map<ResourceKind, number>();
  for (const { children } of members) countKinds(children, counts);
  const most = [...counts].toSorted(([, one], [, other]) => other - one).slice(0, MOST_KINDS);
  const words = most.map(([kind, count]) => counted(count, KIND[kind].one, KIND[kind].many).toLowerCase()).join(', ');
  return counts.size > most.length ? `${words} and more` : words;
}
