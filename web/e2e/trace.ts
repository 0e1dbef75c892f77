// Reads a Chromium trace: how long script and layout kept the page's main thread busy, and in which tasks.
//
// Where the trace has it, time is the thread's own processor time: what other processes do meanwhile does not count.

export type TraceEvent = {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  tdur?: number;
  args?: { data?: { message?: string; name?: string }; name?: string };
};

const TASK = 'RunTask';
/** Script and everything that it makes the browser compute before it can paint. */
const SCRIPT_AND_LAYOUT: ReadonlySet<string> = new Set([
  'EvaluateScript',
  'EventDispatch',
  'FireAnimationFrame',
  'FunctionCall',
  'Layout',
  'RunMicrotasks',
  'TimerFire',
  'UpdateLayoutTree',
  'ParseHTML',
  'MinorGC',
  'MajorGC',
]);
const MICROSECONDS = 1000;

const costOf = ({ tdur, dur = 0 }: TraceEvent) => (tdur ?? dur) / MICROSECONDS;

/** The events of the thread on which the page left its stamps. */
export function mainThread(events: readonly TraceEvent[], stamp: string): TraceEvent[] {
  const stamped = events.find(event => stampOf(event)?.startsWith(stamp));
  if (!stamped) throw new Error(`the trace holds no stamp that begins with ${stamp}`);
  return events.filter(({ pid, tid }) => pid === stamped.pid && tid === stamped.tid).toSorted((a, b) => a.ts - b.ts);
}

function stampOf({ name, args }: TraceEvent): string | undefined {
  return name === 'TimeStamp' ? (args?.data?.message ?? args?.data?.name) : undefined;
}

/** Milliseconds of script and layout in each stretch between two stamps. */
export function costs(thread: readonly TraceEvent[], begin: string, end: string): number[] {
  const at = (stamp: string) => thread.filter(event => stampOf(event) === stamp).map(({ ts }) => ts);
  const ends = at(end);
  return at(begin).map((start, index) => {
    const stop = ends[index] ?? Number.POSITIVE_INFINITY;
    return outermost(thread.filter(({ name, ts }) => SCRIPT_AND_LAYOUT.has(name) && ts >= start && ts < stop))
      .map(costOf)
      .reduce((sum, cost) => sum + cost, 0);
  });
}

/** The longest task after the first stamp, in milliseconds. */
export function longestTask(thread: readonly TraceEvent[], stamp: string): number {
  const first = thread.find(event => stampOf(event)?.startsWith(stamp))?.ts ?? 0;
  return Math.max(0, ...thread.filter(({ name, ts }) => name === TASK && ts >= first).map(costOf));
}

/** Without those that run within another: their time is in its time. */
function outermost(events: readonly TraceEvent[]): TraceEvent[] {
  let busyUntil = 0;
  return events.filter(({ ph, ts, dur = 0 }) => {
    if (ph !== 'X' || ts < busyUntil) return false;
    busyUntil = ts + dur;
    return true;
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
