// The span of time that charts show, as it stands in the address and as the API takes it. Pure.
//
// Charts follow the present (`range`), stand still at a moment (`range` and `until`), or show a stretch that somebody
// chose (`from` and `to`). A stretch keeps the range beside it, so that there is a way back.
import { formatTime, MILLISECONDS } from '~/format/time';
import type { PlainSearch } from '~/searchParams';

/** What stands in the address. Times are RFC 3339. */
export type WindowSearch = {
  range?: string | undefined;
  until?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

export type ChartWindow =
  | { type: 'following'; range: string }
  | { type: 'paused'; range: string; until: number }
  | { type: 'span'; from: number; to: number };

/** As the API takes it: a span that ends now, or a fixed one. */
export type Span = { range: string } | { from: string; to: string };

/** Two times in epoch milliseconds. */
export type Bounds = { from: number; to: number };

export const DEFAULT_RANGE = '1h';

export const PRESETS: readonly { range: string; label: string }[] = [
  { range: '15m', label: '15 min' },
  { range: '1h', label: '1 h' },
  { range: '6h', label: '6 h' },
  { range: '24h', label: '24 h' },
  { range: '7d', label: '7 d' },
  { range: '30d', label: '30 d' },
  { range: '90d', label: '90 d' },
  { range: '1y', label: '1 y' },
];

const { SECOND, MINUTE, HOUR, DAY } = MILLISECONDS;
const UNIT_MS: Partial<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY, y: 365 * DAY };
/** Fewer than six points of the finest resolution make no chart. */
const SHORTEST_MS = MINUTE;
const LONGEST_MS = 10 * 365 * DAY;

/** Milliseconds of `24h` and its like; undefined for what is no range. */
export function rangeMillis(range: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,5})([smhdy])$/.exec(range) ?? [];
  const each = unit === undefined ? undefined : UNIT_MS[unit];
  return each === undefined ? undefined : Number(count) * each;
}

/** Keeps of an address what means something; a span that ends before it begins is none. */
export function parseWindow(search: PlainSearch): WindowSearch {
  const [from, to, until] = [search.from, search.to, search.until].map(time => Date.parse(time ?? ''));
  const { range } = search;
  return {
    ...(range !== undefined && rangeMillis(range) !== undefined && { range }),
    ...(isTime(until) && { until: isoSeconds(until) }),
    ...(isTime(from) && isTime(to) && from < to && { from: isoSeconds(from), to: isoSeconds(to) }),
  };
}

export function readWindow({ range = DEFAULT_RANGE, until, from, to }: WindowSearch): ChartWindow {
  if (from !== undefined && to !== undefined) return { type: 'span', from: Date.parse(from), to: Date.parse(to) };
  return until === undefined ? { type: 'following', range } : { type: 'paused', range, until: Date.parse(until) };
}

/** The address of two times. */
export function spanSearch(from: number, to: number): { from: string; to: string } {
  return { from: isoSeconds(from), to: isoSeconds(to) };
}

/** The address that zooms to a stretch, with the way back kept. No stretch is too short or too long to be shown. */
export function zoomTo(search: WindowSearch, from: number, to: number): WindowSearch {
  const length = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, to - from));
  const start = (from + to - length) / 2;
  return { ...search, ...spanSearch(start, start + length) };
}

/** The address before any zooming. */
export function zoomReset({ range, until }: WindowSearch): WindowSearch {
  return { range, until };
}

/** The address at which the charts stand still. */
export function pauseAt({ range }: WindowSearch, now: number): WindowSearch {
  return { range, until: isoSeconds(now) };
}

/** The address at which the charts follow the present again. */
export function resume({ range }: WindowSearch): WindowSearch {
  return { range };
}

export function bounds(chartWindow: ChartWindow, now: number): Bounds {
  switch (chartWindow.type) {
    case 'following':
      return { from: now - lengthOf(chartWindow.range), to: now };
    case 'paused':
      return { from: chartWindow.until - lengthOf(chartWindow.range), to: chartWindow.until };
    case 'span':
      return { from: chartWindow.from, to: chartWindow.to };
  }
}

/** The stretch `share` of its own length later; earlier where negative. Never later than now. */
export function shifted({ from, to }: Bounds, share: number, now: number): Bounds {
  const by = Math.min((to - from) * share, Math.max(0, now - to));
  return { from: from + by, to: to + by };
}

/** The stretch made longer or shorter around a time that keeps its place. */
export function scaled({ from, to }: Bounds, factor: number, around = (from + to) / 2): Bounds {
  return { from: around - (around - from) * factor, to: around + (to - around) * factor };
}

/** What the API is asked for. */
export function toSpan(chartWindow: ChartWindow): Span {
  switch (chartWindow.type) {
    case 'following':
      return { range: chartWindow.range };
    case 'paused':
    case 'span': {
      const { from, to } = bounds(chartWindow, 0);
      return spanSearch(from, to);
    }
  }
}

/** `Last 3 h`, with the words of the presets where one fits. */
export function rangeLabel(range: string): string {
  return `Last ${PRESETS.find(preset => preset.range === range)?.label ?? range.replace(/[a-z]$/, ' $&')}`;
}

export function windowLabel(chartWindow: ChartWindow): string {
  switch (chartWindow.type) {
    case 'following':
      return rangeLabel(chartWindow.range);
    case 'paused':
      return `${rangeLabel(chartWindow.range)} until ${formatTime(chartWindow.until)}`;
    case 'span':
      return `${formatTime(chartWindow.from)} to ${formatTime(chartWindow.to)}`;
  }
}

function lengthOf(range: string): number {
  return rangeMillis(range) ?? HOUR;
}

function isTime(millis: number | undefined): millis is number {
  return millis !== undefined && !Number.isNaN(millis);
}

export function isoSeconds(millis: number): string {
  return new Date(millis).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
