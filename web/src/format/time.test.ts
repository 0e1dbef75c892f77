import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatAge, formatDuration, formatSpan, formatStep, toMillis } from './time';

const HOUR = 3_600_000;

it.each([
  [0, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [HOUR, '1 h'],
  [47 * HOUR, '47 h'],
  [48 * HOUR, '2 d'],
])('a span of %d ms is %s', (span, text) => {
  expect(formatSpan(span)).toBe(text);
});

it.each([
  [59_000, '59 s'],
  [HOUR + 12 * 60_000, '1 h 12 min'],
  [24 * HOUR, '1 d'],
  [76 * HOUR, '3 d 4 h'],
])('a duration of %d ms is %s', (span, text) => {
  expect(formatDuration(span)).toBe(text);
});

it('never tells a negative age, whatever the clocks say', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (then, now) => {
      expect(formatAge(then, now)).toMatch(/^\d+ (s|min|h|d) ago$/);
    }),
  );
});

it.each([
  [10, '10 s'],
  [60, '1 min'],
  [90, '90 s'],
  [120, '2 min'],
  [220, '3 min 40 s'],
  [6490, '1 h 48 min'],
  [7190, '2 h'],
  [7200, '2 h'],
  [19_800, '5 h 30 min'],
  [79_040, '21 h 57 min'],
  [117_610, '1 d 9 h'],
  [86_400, '1 d'],
])('a step of %d s is %s', (seconds, text) => {
  expect(formatStep(seconds)).toBe(text);
});

it('keeps the absence of a time', () => {
  expect([toMillis(null), toMillis(undefined), toMillis(0)]).toEqual([null, null, 0]);
  expect(toMillis('2026-11-21T09:00:00Z')).toBe(1_795_251_600_000);
});
