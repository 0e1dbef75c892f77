// Keeps a history that follows the present up to date by asking only for its end. Pure: what to ask for, and how the
// answer continues what is there. Where that cannot be told for certain, everything is read anew.
import type { History, HistorySeries, KnownGap } from '~/api/types';
import type { Bounds } from './window';

/** A question whose answer has points of the same width at the same times as what is there. */
export type TailQuestion = Bounds & { points: number };

const MS = 1000;
/** The newest points may still have changed: the last was not over, and samples may come late. */
const REREAD_POINTS = 3;
/** From this part of a span on, the last sample of a metric is near enough to its end to be read again. */
const NEAR_SHARE = 0.7;
/** The grid on which all samples lie (D-10). */
const TICK_MS = 10_000;

/** What to ask for at a time; null where the history must be read anew. */
export function tailQuestion(shown: History, now: number): TailQuestion | null {
  const step = shown.stepSeconds * MS;
  const from = shown.times[firstReread(shown)];
  if (from === undefined || step === 0 || now < from) return null;
  const points = Math.floor((now - from) / step) + 1;
  // The end is the last tick of the last point, so that the server cuts points of this very width.
  return points < shown.times.length / 2 ? { from, to: from + points * step - TICK_MS, points } : null;
}

/** With the last sample of each metric in it, since the server tells a gap after it by the period of that sample. */
function firstReread({ times, series }: History): number {
  const last = series.map(({ avg }) => avg.findLastIndex(value => value !== null));
  // One that has long been silent is in a gap already.
  const near = last.filter(row => row > times.length * NEAR_SHARE);
  return Math.min(times.length - REREAD_POINTS, ...near);
}

/** The history continued by an answer to that question and cut to the bounds; null where they do not fit together. */
export function joinTail(shown: History, tail: History, { from, to }: Bounds): History | null {
  const step = shown.stepSeconds * MS;
  const [first, join] = [shown.times[0], tail.times[0]];
  if (first === undefined || join === undefined || tail.stepSeconds !== shown.stepSeconds) return null;
  const cut = Math.max(0, Math.floor((from - first) / step));
  const end = (join - first) / step;
  const series = joinedSeries(shown.series, tail.series, { cut, end, join });
  if (shown.times[end] !== join || cut > end || series === null) return null;
  return {
    // What was read in full says where its points are from. The end comes from memory and knows of nothing older.
    ...shown,
    archiveError: shown.archiveError ?? tail.archiveError,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    times: shown.times.slice(cut, end).concat(tail.times),
    series,
    knownGaps: joinedGaps(shown.knownGaps, tail.knownGaps, from),
  };
}

function joinedSeries(
  shown: readonly HistorySeries[],
  tail: readonly HistorySeries[],
  { cut, end, join }: { cut: number; end: number; join: number },
): HistorySeries[] | null {
  if (shown.length !== tail.length) return null;
  const joined = shown.map((series, index) => {
    const next = tail[index];
    if (next?.metric !== series.metric) return null;
    const column = (name: 'avg' | 'min' | 'max') => series[name].slice(cut, end).concat(next[name]);
    const gaps = continuedGaps(series.gaps, next.gaps, join);
    return { ...series, avg: column('avg'), min: column('min'), max: column('max'), gaps };
  });
  return joined.every(series => series !== null) ? joined : null;
}

/** Up to the time of joining, what was known; from there on, what is. A gap that goes on over it stays one. */
function continuedGaps(shown: number[][], tail: number[][], join: number): number[][] {
  const kept = shown.filter(([from = 0]) => from < join).map(([from = 0, to = 0]) => [from, Math.min(to, join)]);
  const last = kept.at(-1);
  const [first, ...later] = tail;
  if (last?.[1] !== join || first?.[0] !== join) return [...kept, ...tail];
  return [...kept.slice(0, -1), [last[0] ?? join, first[1] ?? join], ...later];
}

/** A gap is the same by its source and start; the newer word on when it ended counts. */
function joinedGaps(shown: readonly KnownGap[], tail: readonly KnownGap[], from: number): KnownGap[] {
  const gaps = new Map([...shown, ...tail].map(gap => [`${gap.source} ${gap.from}`, gap]));
  return [...gaps.values()].filter(({ to }) => !to || Date.parse(to) > from);
}
