import { expect, it } from 'vitest';
import { boardHistories } from './board';
import { digest } from './shape';

const START = Date.parse('2026-11-21T09:00:00Z');
const answer = {
  stepSeconds: 20,
  unknownResources: [],
  times: [START, START + 20_000],
  series: [{ resourceId: 'agent-a', metric: 'cpu' as const, values: [5, null], gaps: [[START, START + 40_000]] }],
};

it('one answer becomes a chart for each resource, without claiming extremes that it does not know', () => {
  const a = boardHistories(answer, ['agent-a'], ['cpu']).get('agent-a');
  expect(a?.times).toBe(answer.times);
  expect(a?.series[0]?.gaps).toEqual([[START, START + 40_000]]);
  expect(a && digest(a, 'cpu')).toEqual({ latest: 5, least: null, greatest: null });
  expect([a?.from, a?.to]).toEqual(['2026-11-21T09:00:00.000Z', '2026-11-21T09:00:40.000Z']);
});

it('a resource without history is there, empty (D-9)', () => {
  const b = boardHistories(answer, ['agent-b'], ['cpu']).get('agent-b');
  expect(b?.series[0]?.avg).toEqual([null, null]);
});
