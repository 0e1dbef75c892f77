// Turns a history answer into the columns that a chart draws. Pure. What was not recorded stays a hole (D-9).
import type { History, KnownGap, Metric } from '~/api/types';

export type Column = (number | null)[];

/** `[seconds, average, least, greatest, average, least, greatest, …]`, as the chart library takes it. */
export type ChartData = [number[], ...Column[]];

export type Gap = { from: number; to: number; reason: KnownGap['reason'] };

export const COLUMNS_PER_METRIC = 3;
const MS = 1000;

export function chartData(history: History, metrics: readonly Metric[]): ChartData {
  const columns = metrics.flatMap((metric): Column[] => {
    const series = history.series.find(candidate => candidate.metric === metric);
    const blank = (): Column => history.times.map(() => null);
    return series ? [series.avg, series.min, series.max] : [blank(), blank(), blank()];
  });
  return withHoles(history.times, columns, history.stepSeconds * MS);
}

/** Where the time column leaps, a row without values keeps the line from being drawn across. */
function withHoles(times: readonly number[], columns: readonly Column[], step: number): ChartData {
  const seconds: number[] = [];
  const out: Column[] = columns.map(() => []);
  times.forEach((time, row) => {
    const before = times[row - 1];
    if (before !== undefined && time - before > step * 1.5) {
      seconds.push((before + step) / MS);
      out.forEach(column => column.push(null));
    }
    seconds.push(time / MS);
    out.forEach((column, index) => column.push(columns[index]?.[row] ?? null));
  });
  return [seconds, ...out];
}

/** The known gaps within the history's span, in epoch milliseconds; one that lasts ends with the span. */
export function knownGaps(history: History): Gap[] {
  const [start, end] = [Date.parse(history.from), Date.parse(history.to)];
  return history.knownGaps.flatMap(({ from, to, reason }) => {
    const gap = { from: Math.max(start, Date.parse(from)), to: Math.min(end, to ? Date.parse(to) : end), reason };
    return gap.from < gap.to ? [gap] : [];
  });
}

/** The points that stand alone between holes: a line would not show them. */
export function lonePoints(column: readonly (number | null | undefined)[]): number[] {
  const there = (row: number) => column[row] !== null && column[row] !== undefined;
  return column.flatMap((_, row) => (there(row) && !there(row - 1) && !there(row + 1) ? [row] : []));
}

export type Digest = { latest: number | null; least: number | null; greatest: number | null };

/** What a chart says in short. */
export function digest(history: History, metric: Metric): Digest {
  const series = history.series.find(candidate => candidate.metric === metric);
  const known = (column: Column | undefined) => column?.filter(value => value !== null) ?? [];
  const [least, greatest] = [known(series?.min), known(series?.max)];
  return {
    latest: known(series?.avg).at(-1) ?? null,
    least: least.length > 0 ? least.reduce((a, b) => Math.min(a, b)) : null,
    greatest: greatest.length > 0 ? greatest.reduce((a, b) => Math.max(a, b)) : null,
  };
}
