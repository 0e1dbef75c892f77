import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterEvents, nextCluster } from './clusters';
import type { ChartEvent } from './events';

const event = (at: number): ChartEvent => ({ id: `change-${at}`, at, text: `at ${at}` });

describe('marks of events', () => {
  it('are one for events that are too close to be told apart', () => {
    const clusters = clusterEvents([10, 12, 13, 60].map(event), { from: 0, to: 100 }, 100, 20);
    expect(clusters.map(({ left, events }) => [left, events.length])).toEqual([
      [10, 3],
      [60, 1],
    ]);
  });

  it('hold each event of the span once, in order, and stay apart', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 1050 })), fc.integer({ min: 1, max: 900 }), (times, width) => {
        const clusters = clusterEvents(times.map(event), { from: 0, to: 1000 }, width, 24);
        const inside = times.filter(at => at >= 0 && at <= 1000).toSorted((a, b) => a - b);
        expect(clusters.flatMap(({ events }) => events.map(({ at }) => at))).toEqual(inside);
        for (const [index, { left }] of clusters.entries()) {
          const before = clusters[index - 1];
          if (before) expect(left - before.left).toBeGreaterThanOrEqual(24);
        }
      }),
    );
  });

  it('can be walked in both directions', () => {
    const clusters = clusterEvents([10, 50, 90].map(event), { from: 0, to: 100 }, 1000, 20);
    expect(nextCluster(clusters, null, 1)?.at).toBe(10);
    expect(nextCluster(clusters, 10, 1)?.at).toBe(50);
    expect(nextCluster(clusters, 50, -1)?.at).toBe(10);
    expect(nextCluster(clusters, null, -1)?.at).toBe(90);
    expect(nextCluster(clusters, 90, 1)).toBeUndefined();
  });
});
