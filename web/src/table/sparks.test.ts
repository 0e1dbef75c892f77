import { expect, it } from 'vitest';
import type { Sparklines } from '~/api/types';
import { sparkState } from '~/components/sparkPath';
import { sparksOf } from './sparks';

const POINTS = 48;
const STEP_S = 80;
const at = (point: number) => point * STEP_S * 1000;
const TIMES = Array.from({ length: POINTS }, (_, point) => at(point));
/** The span ends within the last point. */
const END = at(POINTS - 1) + 30_000;

it('a storage that is asked every ten minutes is well between two answers (D-10)', () => {
  // The last answer is 7 points old.
  expect(stateOf(point => point % 8 === 0, [])).toBe('whole');
});

it('is not recorded lately where a gap goes on to the end', () => {
  expect(stateOf(point => point < 30, [[at(29), END]])).toBe('stale');
});

it('has gaps where they are over', () => {
  expect(stateOf(point => point < 9 || point >= 40, [[at(8), at(40)]])).toBe('partial');
  expect(stateOf(point => point % 8 === 0 && (point < 9 || point >= 40), [[at(8), at(40)]])).toBe('partial');
});

it('draws of each resource its own telling metric', () => {
  const line = { gaps: [], values: TIMES.map(() => 1) };
  const answer = sparklines([
    { ...line, resourceId: 'storage-0000000000000001', metric: 'used' },
    { ...line, resourceId: 'physical_disk-0000000000000002', metric: 'disk' },
  ]);
  expect([...sparksOf(answer).keys()]).toEqual(['physical_disk-0000000000000002']);
  expect(sparksOf(undefined).size).toBe(0);
});

function stateOf(isRecorded: (point: number) => boolean, gaps: number[][]) {
  const resourceId = 'storage-0000000000000001';
  const values = TIMES.map((_, point) => (isRecorded(point) ? 40 : null));
  return sparkState(sparksOf(sparklines([{ resourceId, metric: 'usage', values, gaps }])).get(resourceId) ?? 'loading');
}

function sparklines(series: Sparklines['series']): Sparklines {
  return { stepSeconds: STEP_S, times: TIMES, series, unknownResources: [] };
}
