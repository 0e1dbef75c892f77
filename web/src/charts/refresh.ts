// How often charts that follow the present are brought up to date. Pure.
import { MILLISECONDS } from '~/format/time';

const SWEEP_MS = 10 * MILLISECONDS.SECOND;
const SLOWEST_MS = MILLISECONDS.MINUTE;

/** Milliseconds from one refresh to the next, for points of a width; not faster than sweeps come. */
export function refreshMillis(stepSeconds = 0): number {
  return Math.min(SLOWEST_MS, Math.max(SWEEP_MS, stepSeconds * MILLISECONDS.SECOND));
}
