import { describe, expect, it } from 'vitest';
import { chartData, digest, knownGaps, lonePoints, type ChartHistory } from './shape';

const START = Date.parse('2026-11-21T09:00:00Z');

type Rest = Partial<ChartHistory> & { gaps?: number[][] };

function history(times: number[], avg: (number | null)[], { gaps = [], ...rest }: Rest = {}): ChartHistory {
  const edge = (by: number) => avg.map(value => (value === null ? null : value + by));
  return {
    from: '2026-11-21T09:00:00Z',
    to: '2026-11-21T09:01:00Z',
    stepSeconds: 10,
    times: times.map(second => START + second * 1000),
    series: [{ metric: 'cpu', unit: 'percent', avg, min: edge(-1), max: edge(1), gaps }],
    knownGaps: [],
    ...rest,
  };
}

describe('chart data', () => {
  it('carries average and band for each metric', () => {
    expect(chartData(history([0, 10], [5, 6]), ['cpu'])).toEqual([
      [START, START + 10_000],
      [5, 6],
      [4, 5],
      [6, 7],
    ]);
  });

  it('leaves what was not recorded a hole (D-9)', () => {
    const gaps = [[START, START + 20_000]];
    expect(chartData(history([0, 10, 20], [5, null, 7], { gaps }), ['cpu'])[1]).toEqual([5, null, 7]);
  });

  it('joins the samples of a slow metric, its band too, but not over a gap (D-10)', () => {
    const times = [0, 10, 20, 30, 40, 50, 60];
    const gaps = [[START + 30_000, START + 60_000]];
    const [, avg, least] = chartData(history(times, [null, 5, null, 7, null, null, 9], { gaps }), ['cpu']);
    expect(avg).toEqual([null, 5, undefined, 7, null, null, 9]);
    expect(least).toEqual([null, 4, undefined, 6, null, null, 8]);
    expect(lonePoints(avg ?? [])).toEqual([6]);
  });

  it('puts a hole where the times leap, so that no line is drawn across', () => {
    const [times, avg] = chartData(history([0, 10, 60], [5, 6, 7]), ['cpu']);
    expect(times.map(time => (time - START) / 1000)).toEqual([0, 10, 20, 60]);
    expect(avg).toEqual([5, 6, null, 7]);
  });

  it('is not copied where its times are even, since fifty charts are drawn anew with each sweep (D-31)', () => {
    const given = history([0, 10, 20], [5, null, 7], { gaps: [[START, START + 20_000]] });
    expect(chartData(given, ['cpu'])[1]).toBe(given.series[0]?.avg);
  });

  it('draws nothing for a metric that has no series', () => {
    expect(chartData(history([0, 10], [5, 6]), ['memory']).slice(1)).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
  });
});

it('finds the points that a line would not show', () => {
  expect(lonePoints([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(lonePoints([1, undefined, 2, null, 3, null])).toEqual([4]);
  expect(lonePoints([null, null])).toEqual([]);
});

describe('known gaps', () => {
  const gap = (from: string, to: string | null) => ({
    from,
    to,
    reason: 'server_stopped' as const,
    source: 'agent:local',
  });

  it('are cut to the span, and one that lasts ends with it', () => {
    const given = history([], [], {
      knownGaps: [gap('2026-11-21T08:00:00Z', '2026-11-21T09:00:20Z'), gap('2026-11-21T09:00:50Z', null)],
    });
    expect(knownGaps(given)).toEqual([
      { from: START, to: START + 20_000, reason: 'server_stopped' },
      { from: START + 50_000, to: START + 60_000, reason: 'server_stopped' },
    ]);
  });

  it('outside the span are left out', () => {
    expect(knownGaps(history([], [], { knownGaps: [gap('2026-11-20T08:00:00Z', '2026-11-20T09:00:00Z')] }))).toEqual(
      [],
    );
  });
});

it('digests the latest known value and the extremes of the band', () => {
  expect(digest(history([0, 10, 20], [5, 9, null]), 'cpu')).toEqual({ latest: 9, least: 4, greatest: 10 });
  expect(digest(history([0], [null]), 'cpu')).toEqual({ latest: null, least: null, greatest: null });
});
