// How many resources a source reports. Pure.
import type { Resource } from '~/api/types';

/** Those that only this source reports, and those that others report as well. */
export function seenThrough(resources: Iterable<Resource>, source: string): { alone: number; shared: number } {
  const seen = { alone: 0, shared: 0 };
  for (const { sources } of resources) {
    if (!sources.some(each => each.source === source)) continue;
    seen[sources.every(each => each.source === source) ? 'alone' : 'shared'] += 1;
  }
  return seen;
}
