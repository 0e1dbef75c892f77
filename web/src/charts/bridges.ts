// Tells what lies between two samples of a slow metric from what is missing: a line goes through the one and ends at the
// other (D-9). Pure.

/** A point without a value is `null` where something is missing and `undefined` between two samples. */
export type Column = (number | null | undefined)[];

/** Pairs of epoch milliseconds, ascending, in which something is missing: the server's word (D-10). */
export type Gaps = readonly (readonly number[])[];

/**
 * The column with `undefined` for the points between two values that no gap parts. The very column where there are none,
 * since fifty charts are drawn anew with each sweep.
 */
export function bridged(times: readonly number[], step: number, column: Column, gaps: Gaps): Column {
  const isParted = partedBy(gaps);
  let bridges: Column | null = null;
  let before: number | null = null;
  for (let row = 0; row < column.length; row += 1) {
    if (typeof column[row] !== 'number') continue;
    if (before !== null && row - before > 1 && !isParted((times[before] ?? 0) + step, times[row] ?? 0)) {
      bridges ??= [...column];
      bridges.fill(undefined, before + 1, row);
    }
    before = row;
  }
  return bridges ?? column;
}

/** Whether a gap reaches into a stretch. To be asked for one stretch after the other, in ascending order. */
function partedBy(gaps: Gaps): (from: number, to: number) => boolean {
  let next = 0;
  return (from, to) => {
    while ((gaps[next]?.[1] ?? Number.POSITIVE_INFINITY) <= from) next += 1;
    return (gaps[next]?.[0] ?? Number.POSITIVE_INFINITY) < to;
  };
}
