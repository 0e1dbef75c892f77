// When a value or a resource counts as out of date on the screen.
import type { Resource } from '~/api/types';

/** Longer than any kind of source may be silent: past this, a value is old whoever reports it. */
export const STALE_AFTER_MS = 150_000;

/** Whether nobody has reported the resource recently. Its sources' own verdict counts first. */
export function isStale({ sources }: Resource, lastSeen: number | null, now: number): boolean {
  const silent = sources.every(({ status }) => status !== 'online');
  return silent || (lastSeen !== null && now - lastSeen > STALE_AFTER_MS);
}

/** Whether a value needs an age of its own: it is old, and older than the age that stands beside it anyway. */
export function needsAge(at: number, shownAge: number | null, now: number): boolean {
  if (now - at < STALE_AFTER_MS) return false;
  return shownAge === null || shownAge - at > STALE_AFTER_MS;
}
