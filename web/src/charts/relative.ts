// Reads what people write for a span of time: `last 3 h`, `90 min`, `2 weeks`, `now-6h`, `today`. Pure; the current time
// is passed in.
import { MILLISECONDS } from '~/format/time';
import { rangeMillis, spanSearch, type WindowSearch } from './window';

type Unit = { words: readonly string[]; letter: string; times: number };

/** The letters are the API's; it knows neither weeks nor months. */
const UNITS: readonly Unit[] = [
  { words: ['s', 'sec', 'secs', 'second', 'seconds'], letter: 's', times: 1 },
  { words: ['m', 'min', 'mins', 'minute', 'minutes'], letter: 'm', times: 1 },
  { words: ['h', 'hr', 'hrs', 'hour', 'hours'], letter: 'h', times: 1 },
  { words: ['d', 'day', 'days'], letter: 'd', times: 1 },
  { words: ['w', 'week', 'weeks'], letter: 'd', times: 7 },
  { words: ['mo', 'month', 'months'], letter: 'd', times: 30 },
  { words: ['y', 'yr', 'year', 'years'], letter: 'y', times: 1 },
];

const SHORTEST_MS = MILLISECONDS.MINUTE;
const LONGEST_MS = 10 * 365 * MILLISECONDS.DAY;
const AMOUNT = /^(?:(?:the )?(?:last|past) |now ?- ?|-)?(\d{1,6})? ?([a-z]+)$/;

/** The range of the API that a text means, such as `3h`; undefined where it means none that can be shown. */
export function parseRange(text: string): string | undefined {
  const [, count = '1', word] = AMOUNT.exec(plain(text)) ?? [];
  const unit = UNITS.find(({ words }) => word !== undefined && words.includes(word));
  if (!unit) return undefined;
  const range = `${Number(count) * unit.times}${unit.letter}`;
  const millis = rangeMillis(range) ?? 0;
  return millis >= SHORTEST_MS && millis <= LONGEST_MS ? range : undefined;
}

/** A range that ends now, or a day of the calendar that the browser lives by. */
export function parseRelative(text: string, now: number): WindowSearch | undefined {
  const today = new Date(now).setHours(0, 0, 0, 0);
  switch (plain(text)) {
    case 'today':
      return today < now ? spanSearch(today, now) : undefined;
    case 'yesterday':
      return spanSearch(new Date(today).setDate(new Date(today).getDate() - 1), today);
  }
  const range = parseRange(text);
  return range === undefined ? undefined : { range };
}

function plain(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ');
}
