// A change of the timeline in a few words.
import type { ResourceChange } from '~/api/types';
import { CHANGE_KIND } from './labels';

const ABSENT = 'absent';

/** The words of the row itself: what it was and what it became. */
export function transition({ from, to }: ResourceChange): string | null {
  if (from === ABSENT) return 'appeared';
  if (to === ABSENT) return 'disappeared';
  if (from && to) return `${from} → ${to}`;
  return to ?? null;
}

export function describeChange(change: ResourceChange): string {
  const what = transition(change) ?? change.reason;
  return what ? `${CHANGE_KIND[change.kind]}: ${what}` : CHANGE_KIND[change.kind];
}
