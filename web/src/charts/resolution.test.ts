import { expect, it } from 'vitest';
import type { History } from '~/api/types';
import { refreshMillis } from './refresh';
import { explainArchive, explainResolution, resolutionWords } from './resolution';

const history = (stepSeconds: number, tier: History['tier']): History => ({
  resourceId: 'agent-a',
  from: '2026-11-21T09:00:00Z',
  to: '2026-11-21T10:00:00Z',
  stepSeconds,
  tier,
  source: 'memory',
  times: [],
  series: [],
  knownGaps: [],
});

it('the badge says the width of a point and what it is made of', () => {
  expect(resolutionWords(history(300, 'minute'))).toBe('5 min from minutes');
});

it('explains itself', () => {
  expect(explainResolution(history(10, 'raw')).join(' ')).toMatch(/one stored value.*Nothing has been averaged/);
  expect(explainResolution(history(300, 'minute')).join(' ')).toMatch(
    /stands for 5 min, made of values stored every 1 min/,
  );
  expect(explainResolution(history(3600, 'hour')).join(' ')).toMatch(/one stored value.*no peak is lost/);
});

it('says why older points may be missing', () => {
  const raw = history(10, 'raw');
  expect(explainArchive(raw)).toEqual([]);
  expect(explainArchive({ ...raw, archiveError: 'no route' })).toEqual(['Older points may be missing: no route.']);
});

it('is refreshed with each point, not faster than sweeps come and once a minute at least', () => {
  expect([undefined, 10, 30, 3600].map(step => refreshMillis(step))).toEqual([10_000, 10_000, 30_000, 60_000]);
});
