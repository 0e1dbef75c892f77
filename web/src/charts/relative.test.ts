import { describe, expect, it } from 'vitest';
import { parseRange, parseRelative } from './relative';

it.each([
  ['last 3 h', '3h'],
  ['Last  3  Hours', '3h'],
  ['the past 90 min', '90m'],
  ['90m', '90m'],
  ['-6h', '6h'],
  ['now-6h', '6h'],
  ['now - 6 h', '6h'],
  ['last hour', '1h'],
  ['2 weeks', '14d'],
  ['last month', '30d'],
  ['1 year', '1y'],
  ['120 s', '120s'],
])('%s means %s', (text, range) => {
  expect(parseRange(text)).toBe(range);
});

it.each(['', 'soon', '0h', '3', '3 parsecs', '30 s', '11 years', 'last 3 h ago', '3h4'])('%j means nothing', text => {
  expect(parseRange(text)).toBeUndefined();
});

describe('days of the calendar', () => {
  const now = new Date(2026, 10, 21, 9, 30).getTime();
  const local = (day: number, hour = 0, minute = 0) => Date.parse(new Date(2026, 10, day, hour, minute).toISOString());

  it('today began at midnight and ends now', () => {
    const { from, to } = parseRelative('today', now) ?? {};
    expect([Date.parse(from ?? ''), Date.parse(to ?? '')]).toEqual([local(21), local(21, 9, 30)]);
  });

  it('yesterday is a whole day', () => {
    const { from, to } = parseRelative(' Yesterday ', now) ?? {};
    expect([Date.parse(from ?? ''), Date.parse(to ?? '')]).toEqual([local(20), local(21)]);
  });

  it('anything else is a range or nothing', () => {
    expect(parseRelative('last 2 d', now)).toEqual({ range: '2d' });
    expect(parseRelative('tomorrow', now)).toBeUndefined();
  });
});
