// What the server would answer about the made-up estate. Never part of a build.
import type { History, Metric, Resource, ServerFrame, Sparklines } from '../src/api/types.ts';
import { metricsOf, START, valueAt } from './estate.ts';

const MINUTE = 60_000;
const TICK = 10_000;
const UNIT_MS: Record<string, number> = { s: 1000, m: MINUTE, h: 3_600_000, d: 86_400_000, y: 31_536_000_000 };
/** How often what changes slowly is asked for. */
export const SLOW_MS = 5 * MINUTE;
const PERIOD: Partial<Record<Metric, number>> = { disk: SLOW_MS };
/** Nothing was recorded then, and it is known why. */
export const GAP = { from: START - 30 * MINUTE, to: START - 22 * MINUTE };

type Span = { from: number; to: number; step: number };

/** The span asked for, in points that begin at multiples of their width, as the server cuts them. */
function spanOf(query: URLSearchParams, points: number, now: number): Span {
  const [, count = '1', unit = 'h'] = /^(\d+)([smhdy])$/.exec(query.get('range') ?? '') ?? [];
  const to = query.has('to') ? Date.parse(query.get('to') ?? '') : now;
  const from = query.has('from') ? Date.parse(query.get('from') ?? '') : to - Number(count) * (UNIT_MS[unit] ?? 1);
  const ticks = Math.floor(to / TICK) - Math.floor(from / TICK) + 1;
  let step = Math.max(1, Math.ceil(ticks / points)) * TICK;
  while (Math.floor(to / step) - Math.floor(from / step) + 1 > points) step += TICK;
  return { from, to, step };
}

function timesOf({ from, to, step }: Span): number[] {
  const first = Math.floor(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
}

export function history(query: URLSearchParams, now = Date.now()): History {
  const span = spanOf(query, Number(query.get('points') ?? 300), now);
  const times = timesOf(span);
  const id = query.get('resource') ?? '';
  const missing = (time: number) => time > now || (time > GAP.from - span.step && time < GAP.to);
  const at = (metric: Metric, time: number) =>
    missing(time) || time % Math.max(span.step, PERIOD[metric] ?? TICK) >= span.step ? null : valueAt(id, metric, time);
  const wider = (value: number | null, by: number) =>
    value === null ? null : value * (1 + (span.step > TICK ? by : 0));
  return {
    resourceId: id,
    from: new Date(span.from).toISOString(),
    to: new Date(span.to).toISOString(),
    stepSeconds: span.step / 1000,
    tier: 'raw',
    source: 'memory',
    times,
    series: (query.get('metrics') ?? '').split(',').map(name => {
      const metric = name as Metric;
      const avg = times.map(time => at(metric, time));
      return {
        metric,
        unit: 'percent',
        avg,
        min: avg.map(value => wider(value, -0.15)),
        max: avg.map(value => wider(value, 0.18)),
        gaps: [[GAP.from, GAP.to]],
      };
    }),
    knownGaps: [
      {
        from: new Date(GAP.from).toISOString(),
        to: new Date(GAP.to).toISOString(),
        reason: 'server_stopped',
        source: 'agent:local',
      },
    ],
  };
}

export function sparklines(query: URLSearchParams, resources: readonly Resource[], now = Date.now()): Sparklines {
  const span = spanOf(query, Number(query.get('points') ?? 48), now);
  const times = timesOf(span);
  const metrics = (query.get('metrics') ?? '').split(',') as Metric[];
  const ids = new Set((query.get('resources') ?? '').split(','));
  const series = resources
    .filter(({ id }) => ids.has(id))
    .flatMap(resource =>
      metrics
        .filter(metric => metricsOf(resource).includes(metric))
        .map(metric => ({
          resourceId: resource.id,
          metric,
          values: times.map(time => valueAt(resource.id, metric, time)),
          gaps: [],
        })),
    );
  return { stepSeconds: span.step / 1000, times, series, unknownResources: [] };
}

export function readings(wanted: readonly Resource[], now: number): ServerFrame {
  const metrics = [...new Set(wanted.flatMap(metricsOf))];
  const column = (metric: Metric) =>
    wanted.map(own => (metricsOf(own).includes(metric) ? valueAt(own.id, metric, now) : null));
  return {
    type: 'readings',
    at: now,
    resources: wanted.map(({ id }) => id),
    lastSeen: wanted.map(() => now),
    columns: Object.fromEntries(metrics.map(metric => [metric, column(metric)])),
  };
}
