import { expect, it } from 'vitest';
import { ProblemError } from '~/api/problem';
import { forecastBasis, keptText, keptWords, retentionMistakes, retentionQuestion } from './retention';

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
  expect(retentionQuestion(fields, now)).toEqual({});
  expect(retentionQuestion({ ...fields, raw: '14 d', tenMinutes: '730d' }, now)).toEqual({ raw: '14d' });
  expect(retentionQuestion({ ...fields, minute: 'Long' }, now)).toEqual({ minute: 'long' });
});

it('shows what the server refuses at its field', () => {
  const problem = (errors: { field: string; message: string }[]) =>
    new ProblemError({
      type: 'urn:muster:problem:invalid_query',
      title: 'Invalid query',
      status: 400,
      code: 'invalid_query',
      detail: '',
      requestId: null,
      errors,
    });
  const message = 'must be a span from 1d to 3650d, such as 90d';
  expect(retentionMistakes(problem([{ field: 'minute', message }]))).toEqual({ minute: `It ${message}.` });
  expect(retentionMistakes(problem([{ field: 'token', message }]))).toBeUndefined();
  expect(retentionMistakes(new Error('away'))).toBeUndefined();
});

it('says what the figures rest on', () => {
  const tier = { tier: 'raw', points: 0, bytes: 0, oldest: null, newest: null } as const;
  expect(forecastBasis(7, [tier])).toBe('Nothing is stored yet; the figures are estimates from 7 series.');
  expect(forecastBasis(7, [{ ...tier, points: 1 }])).toBeUndefined();
  expect(forecastBasis(0, [tier])).toMatch(/No series is sampled now/);
});
