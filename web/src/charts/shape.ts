// Turns a history answer into the columns that a chart draws. Pure. What was not recorded stays a hole (D-9).
import type { History, KnownGap, Metric } from '~/api/types';
import { bridged, type Column } from './bridges';

/** `[epoch ms, average, least, greatest, average, least, greatest, …]`, as the chart library takes it. */
export type ChartData = [number[], ...Column[]];

/** What a chart needs of a history. */
export type ChartHistory = Pick<History, 'from' | 'to' | 'stepSeconds' | 'times' | 'series' | 'knownGaps'>;

export type Gap = { from: number; to: number; reason: KnownGap['reason'] };

export const COLUMNS_PER_METRIC = 3;
const MS = 1000;

/** The columns of the answer themselves where its times are even, as they are with every answer that has all points. */
export function chartData(history: ChartHistory, metrics: readonly Metric[]): ChartData {
  const { times } = history;
  const step = history.stepSeconds * MS;
  const columns = metrics.flatMap((metric): Column[] => {
    const series = history.series.find(candidate => candidate.metric === metric);
    const blank = (): Column => times.map(() => null);
    if (!series) return [blank(), blank(), blank()];
    return [series.avg, series.min, series.max].map(column => bridged(times, step, column, series.gaps));
  });
  return isEven(times, step) ? [times, ...columns] : withHoles(times, columns, step);
}

function leaps(times: readonly number[], row: number, step: number): boolean {
  const before = times[row - 1];
  return before !== undefined && (times[row] ?? 0) - before > step * 1.5;
}

function isEven(times: readonly number[], step: number): boolean {
  return !times.some((_, row) => leaps(times, row, step));
}

/** Where the time column leaps, a row without values keeps the line from being drawn across. */
function withHoles(times: readonly number[], columns: readonly Column[], step: number): ChartData {
  const filled: number[] = [];
  const out: Column[] = columns.map(() => []);
  times.forEach((time, row) => {
    if (leaps(times, row, step)) {
      filled.push((times[row - 1] ?? 0) + step);
      out.forEach(column => column.push(null));
    }
    filled.push(time);
    out.forEach((column, index) => column.push(columns[index]?.[row]));
  });
  return [filled, ...out];
}

/** The known gaps within the history's span, in epoch milliseconds; one that lasts ends with the span. */
export function knownGaps(history: ChartHistory): Gap[] {
  const [start, end] = [Date.parse(history.from), Date.parse(history.to)];
  return history.knownGaps.flatMap(({ from, to, reason }) => {
    const gap = { from: Math.max(start, Date.parse(from)), to: Math.min(end, to ? Date.parse(to) : end), reason };
    return gap.from < gap.to ? [gap] : [];
  });
}

/** The points that stand alone between holes: a line would not show them. */
export function lonePoints(column: ArrayLike<number | null | undefined>): number[] {
  const ends = (row: number) => row < 0 || row >= column.length || column[row] === null;
  const alone: number[] = [];
  for (let row = 0; row < column.length; row += 1) {
    if (typeof column[row] === 'number' && ends(row - 1) && ends(row + 1)) alone.push(row);
  }
  return alone;
}

export type Digest = { latest: number | null; least: number | null; greatest: number | null };

/** What a chart says in short. */
export function digest(history: ChartHistory, metric: Metric): Digest {
  const series = history.series.find(candidate => candidate.metric === metric);
  return {
    latest: series?.avg.findLast(value => value !== null) ?? null,
    least: extreme(series?.min, Math.min),
    greatest: extreme(series?.max, Math.max),
  };
}

function extreme(
  column: readonly (number | null)[] | undefined,
  further: (a: number, b: number) => number,
): number | null {
  return (
    column?.reduce(
      (found, value) => (found === null || value === null ? (found ?? value) : further(found, value)),
      null,
    ) ?? null
  );
}
