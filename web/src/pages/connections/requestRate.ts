// How many requests a connection sends a minute, from the count that grows with each answer. Pure.

/** A count at a time, in epoch milliseconds. */
export type CountAt = { at: number; count: number };

export const RATE_UNKNOWN = 'It is known once the page has been open for some looks.';

const MINUTE_MS = 60_000;
/** Long enough that a look every ten seconds evens out. */
const WINDOW_MS = 3 * MINUTE_MS;
/** Below this, one look more or less decides. */
const SHORTEST_MS = 20_000;

/** The counts with one more. A count that shrinks began anew: those before say nothing. */
export function withCount(counts: readonly CountAt[], next: CountAt): CountAt[] {
  const last = counts.at(-1);
  if (last && (next.count < last.count || next.at < last.at)) return [next];
  if (last?.at === next.at) return [...counts];
  return [...counts.filter(({ at }) => next.at - at <= WINDOW_MS), next];
}

/** Requests a minute; `null` until the counts span long enough. */
export function perMinute(counts: readonly CountAt[]): number | null {
  const [first, last] = [counts[0], counts.at(-1)];
  if (!first || !last || last.at - first.at < SHORTEST_MS) return null;
  return ((last.count - first.count) * MINUTE_MS) / (last.at - first.at);
}
