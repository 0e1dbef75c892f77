import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { History, KnownGap } from '~/api/types';
import { joinTail, tailQuestion } from './tail';

const START = Date.parse('2026-11-21T09:00:00Z');

describe('the end of a history that follows the present', () => {
  it('is asked for from the points that may still change, in points of the same width', () => {
    const shown = recorded({ from: START, to: START + 3_595_000, step: 60_000 });
    expect(tailQuestion(shown, START + 3_605_000)).toEqual({
      from: START + 57 * 60_000,
      to: START + 61 * 60_000 - 10_000,
      points: 4,
    });
  });

  it('is not asked for where most would be new, or nothing is there', () => {
    const shown = recorded({ from: START, to: START + 600_000, step: 10_000 });
    expect(tailQuestion(shown, START + 1_200_000)).toBeNull();
    expect(tailQuestion({ ...shown, times: [] }, START)).toBeNull();
    expect(tailQuestion(shown, START - 60_000)).toBeNull();
  });

  it('continues what is there into what reading it anew would give', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(10_000, 60_000, 290_000),
        fc.integer({ min: 12, max: 300 }),
        fc.integer({ min: 0, max: 3_000_000 }),
        fc.double({ min: 0, max: 6, noNaN: true }),
        (step, points, offset, later) => {
          const from = START + offset;
          const [to, passed] = [from + points * step, Math.round(later * step)];
          const question = tailQuestion(recorded({ from, to, step }), to + passed);
          if (question === null) return;
          const joined = joinTail(recorded({ from, to, step }), recorded({ ...question, step }), {
            from: from + passed,
            to: to + passed,
          });
          expect(joined).toEqual(recorded({ from: from + passed, to: to + passed, step }));
        },
      ),
    );
  });

  it('is refused where it does not fit', () => {
    const shown = recorded({ from: START, to: START + 600_000, step: 10_000 });
    const tail = recorded({ from: START + 570_000, to: START + 610_000, step: 10_000 });
    const bounds = { from: START + 10_000, to: START + 610_000 };
    expect(joinTail(shown, { ...tail, stepSeconds: 20 }, bounds)).toBeNull();
    expect(joinTail(shown, { ...tail, times: tail.times.map(time => time + 3000) }, bounds)).toBeNull();
    expect(joinTail(shown, { ...tail, series: [] }, bounds)).toBeNull();
    expect(joinTail({ ...shown, times: [] }, tail, bounds)).toBeNull();
  });

  it('says when a gap has ended, and drops those that have left the span', () => {
    const gap = (from: number, to: number | null): KnownGap => ({
      from: new Date(START + from).toISOString(),
      to: to === null ? null : new Date(START + to).toISOString(),
      reason: 'source_silent',
      source: 'agent:web1',
    });
    const shown = {
      ...recorded({ from: START, to: START + 600_000, step: 10_000 }),
      knownGaps: [gap(0, 5000), gap(580_000, null)],
    };
    const tail = {
      ...recorded({ from: START + 570_000, to: START + 610_000, step: 10_000 }),
      knownGaps: [gap(580_000, 605_000)],
    };
    const joined = joinTail(shown, tail, { from: START + 10_000, to: START + 610_000 });
    expect(joined?.knownGaps).toEqual([gap(580_000, 605_000)]);
  });
});

/** What the server says of a made-up record: points at multiples of their width, the same value at the same time. */
function recorded({ from, to, step }: { from: number; to: number; step: number }): History {
  const first = Math.floor(from / step) * step;
  const times = Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
  const avg = times.map(time => (time % 7 === 0 ? null : time % 1000));
  return {
    resourceId: 'agent-a',
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    stepSeconds: step / 1000,
    tier: 'raw',
    source: 'memory',
    times,
    series: [{ metric: 'cpu', unit: 'percent', avg, min: avg, max: avg }],
    knownGaps: [],
  };
}
