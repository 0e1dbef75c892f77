// How long to wait before the next attempt to connect.
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Doubles with each failed attempt (from 1 on) up to half a minute; `random` in [0, 1) spreads clients over the upper half. */
export function backoff(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.round(full * (0.5 + random / 2));
}
