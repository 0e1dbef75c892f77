import { expect, it } from 'vitest';
import { keptText, keptWords, retentionQuestion } from './retention';

const DAY = 86_400;
const now = { rawSeconds: 7 * DAY, minuteSeconds: 90 * DAY, tenMinutesSeconds: 730 * DAY, hourSeconds: 3650 * DAY };
const fields = { raw: '7d', minute: '90d', tenMinutes: '2y', hour: '10y' };

it.each([
  [7 * DAY, '7d', '7 days'],
  [DAY, '1d', '1 day'],
  [730 * DAY, '2y', '2 years'],
  [36 * 3600, '36h', '1.5 days'],
])('%d s are %s, or %s', (seconds, text, words) => {
  expect(keptText(seconds)).toBe(text);
  expect(keptWords(seconds)).toBe(words);
});

it('asks only about what would change', () => {
  expect(retentionQuestion(fields, now)).toEqual({ question: {} });
  expect(retentionQuestion({ ...fields, raw: '14 d', tenMinutes: '730d' }, now)).toEqual({ question: { raw: '14d' } });
});

it('names the field that is no span of time', () => {
  expect(retentionQuestion({ ...fields, minute: 'long' }, now)).toEqual({ mistake: { tier: 'minute', why: 'span' } });
});

it('names the field that is shorter than the one that it takes over from', () => {
  expect(retentionQuestion({ ...fields, raw: '200d' }, now)).toEqual({ mistake: { tier: 'minute', why: 'order' } });
  expect(retentionQuestion({ ...fields, raw: '90d' }, now)).toEqual({ question: { raw: '90d' } });
});
