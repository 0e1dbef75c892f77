// The span of time that charts show, as it stands in the address and as the API takes it.
import type { Span } from '~/api/queries';
import { formatTime, MILLISECONDS } from '~/format/time';
import type { PlainSearch } from '~/searchParams';

/** What stands in the address: a range that ends now, or two times (RFC 3339). */
export type WindowSearch = { range?: string | undefined; from?: string | undefined; to?: string | undefined };

export type ChartWindow = { type: 'range'; range: string } | { type: 'span'; from: number; to: number };

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

/** Milliseconds of `24h` and its like; undefined for what is no range. */
export function rangeMillis(range: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,5})([smhdy])$/.exec(range) ?? [];
  const each = unit === undefined ? undefined : UNIT_MS[unit];
  return each === undefined ? undefined : Number(count) * each;
}

/** Keeps of an address what means something. Two times win over a range; a span that ends before it begins is none. */
export function parseWindow(search: PlainSearch): WindowSearch {
  const { range, from, to } = search;
  const [start, end] = [Date.parse(from ?? ''), Date.parse(to ?? '')];
  if (start < end) return { from: isoSeconds(start), to: isoSeconds(end) };
  return range !== undefined && rangeMillis(range) !== undefined ? { range } : {};
}

export function readWindow({ range, from, to }: WindowSearch): ChartWindow {
  if (from !== undefined && to !== undefined) return { type: 'span', from: Date.parse(from), to: Date.parse(to) };
  return { type: 'range', range: range ?? DEFAULT_RANGE };
}

/** The address of a stretch that was dragged over. */
export function spanSearch(from: number, to: number): WindowSearch {
  return { from: isoSeconds(from), to: isoSeconds(to) };
}

export function toSpan(chartWindow: ChartWindow): Span {
  switch (chartWindow.type) {
    case 'range':
      return { range: chartWindow.range };
    case 'span':
      return { from: isoSeconds(chartWindow.from), to: isoSeconds(chartWindow.to) };
  }
}

export function windowLabel(chartWindow: ChartWindow): string {
  switch (chartWindow.type) {
    case 'range':
      return `Last ${PRESETS.find(({ range }) => range === chartWindow.range)?.label ?? chartWindow.range}`;
    case 'span':
      return `${formatTime(chartWindow.from)} to ${formatTime(chartWindow.to)}`;
  }
}

function isoSeconds(millis: number): string {
  return new Date(millis).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
