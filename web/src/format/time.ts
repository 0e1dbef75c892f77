// Writes times and spans of time. Takes epoch milliseconds or RFC 3339 text; the current time is passed in.
import { timeFormat } from './style';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const MILLISECONDS = { SECOND, MINUTE, HOUR, DAY } as const;

const FULL = timeFormat({
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const CLOCK = timeFormat({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const MOMENT = timeFormat({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DATE = timeFormat({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** Epoch milliseconds of an API time; `null` stays `null`. */
export function toMillis(time: string | number | null | undefined): number | null {
  if (time === null || time === undefined) return null;
  return typeof time === 'number' ? time : Date.parse(time);
}

/** `45 s`, `12 min`, `5 h`, `3 d`: one unit, rounded down. Negative spans count as none. */
export function formatSpan(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < 2 * DAY) return `${Math.floor(span / HOUR)} h`;
  return `${Math.floor(span / DAY)} d`;
}

/** `3 d 4 h`, `5 h 12 min`, `12 min`: two units where the second still matters. */
export function formatDuration(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  const two = (large: number, largeName: string, small: number, smallName: string) => {
    const rest = Math.floor((span % large) / small);
    return `${Math.floor(span / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`;
  };
  if (span >= DAY) return two(DAY, 'd', HOUR, 'h');
  if (span >= HOUR) return two(HOUR, 'h', MINUTE, 'min');
  return formatSpan(span);
}

/** `4 s ago`. */
export function formatAge(then: number, now: number): string {
  return `${formatSpan(now - then)} ago`;
}

/** Date and time with zone, for tooltips and titles. */
export function formatTime(time: number): string {
  return FULL(time);
}

export function formatClock(time: number): string {
  return CLOCK(time);
}

/** Day and time, where the year and the zone stand elsewhere. */
export function formatMoment(time: number): string {
  return MOMENT(time);
}

export function formatDate(time: number): string {
  return DATE(time);
}

/** The width of a chart point: `10 s`, `5 min`, `3 min 40 s`, `1 h 48 min`. Two units at most, the second rounded. */
export function formatStep(seconds: number): string {
  if (seconds < 120 && seconds !== 60) return `${seconds} s`;
  if (seconds < 3600) return inTwo(seconds, [60, 'min'], [1, 's']);
  return seconds < 86_400 ? inTwo(seconds, [3600, 'h'], [60, 'min']) : inTwo(seconds, [86_400, 'd'], [3600, 'h']);
}

type NamedUnit = readonly [seconds: number, name: string];

function inTwo(seconds: number, [large, largeName]: NamedUnit, [small, smallName]: NamedUnit): string {
  const rounded = Math.round(seconds / small) * small;
  const rest = (rounded % large) / small;
  return `${Math.floor(rounded / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`;
}
