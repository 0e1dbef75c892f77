import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { History, KnownGap } from '~/api/types';
import { chartData } from './shape';
import { joinTail, tailQuestion } from './tail';
import type { Bounds } from './window';

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
        fc.constantFrom(null, 'no route to the store'),
        (step, points, offset, later, archiveError) => {
          // The end alone would come from memory, in the finest resolution, with no word of the remote store.
          const whole = (bounds: Bounds): History => ({
            ...recorded({ ...bounds, step }),
            tier: 'minute',
            source: 'mixed',
            archiveError,
          });
          const from = START + offset;
          const [to, passed] = [from + points * step, Math.round(later * step)];
          const question = tailQuestion(whole({ from, to }), to + passed);
          if (question === null) return;
          const joined = joinTail(whole({ from, to }), recorded({ ...question, step }), {
            from: from + passed,
            to: to + passed,
          });
          expect(joined).toEqual(whole({ from: from + passed, to: to + passed }));
        },
      ),
    );
  });

  it('keeps a slow metric together and its gaps apart, as reading it anew would (D-10)', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(10_000, 60_000),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 110 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 8 }),
        (step, every, silentAt, silentFor, later) => {
          const period = every * 10_000;
          const silent = { from: START + silentAt * 10_000, to: START + (silentAt + silentFor) * 10_000 };
          const [to, passed] = [START + 100 * step, later * step];
          const record = samplesOf(period, silent, to + passed);
          const sampled = (bounds: Bounds) => recorded({ ...bounds, step }, record);
          const question = tailQuestion(sampled({ from: START, to }), to + passed);
          if (question === null) return;
          const now = { from: START + passed, to: to + passed };
          const joined = joinTail(sampled({ from: START, to }), sampled(question), now);
          expect(joined && chartData(joined, ['cpu'])).toEqual(chartData(sampled(now), ['cpu']));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is asked for from the last sample of a slow metric, by whose period a gap is told', () => {
    const slow = samplesOf(300_000, { from: 0, to: 0 });
    const shown = recorded({ from: START, to: START + 3_590_000, step: 10_000 }, slow);
    expect(tailQuestion(shown, START + 3_595_000)?.from).toBe(START + 3_300_000);
    const silent = recorded({ from: START, to: START + 3_590_000, step: 10_000 }, samplesOf(10_000, LONG_SILENT));
    expect(tailQuestion(silent, START + 3_595_000)?.from).toBe(START + 3_570_000);
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

  it('says that the remote store did not tell, whichever answer says so', () => {
    const shown = recorded({ from: START, to: START + 600_000, step: 10_000 });
    const tail = recorded({ from: START + 570_000, to: START + 610_000, step: 10_000 });
    const bounds = { from: START + 10_000, to: START + 610_000 };
    const joined = joinTail(shown, { ...tail, archiveError: 'no route' }, bounds);
    expect(joined?.archiveError).toBe('no route');
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

const LONG_SILENT = { from: START + 600_000, to: START + 7_200_000 };

type Record = { samples: (bounds: Bounds) => number[]; period: number };

/** A sample with every period up to now, but for a silent stretch. */
function samplesOf(period: number, silent: Bounds, now = Number.POSITIVE_INFINITY): Record {
  const samples = ({ from, to }: Bounds) => {
    const first = Math.ceil(from / period);
    const all = Array.from({ length: Math.max(0, Math.floor(to / period) - first + 1) }, (_, index) => first + index);
    return all.map(number => number * period).filter(time => time <= now && (time < silent.from || time >= silent.to));
  };
  return { samples, period };
}

/** Where two samples, or one and an end of the span, are more than 2.5 periods and a point apart (D-10). */
function gapsOf({ samples, period }: Record, { from, to, step }: Bounds & { step: number }): number[][] {
  const known = samples({ from, to });
  if (known.length === 0) return [[from, to]];
  const longest = Math.max(2.5 * period, step > 10_000 ? step : 0);
  const marks = [from, ...known, to];
  return marks.flatMap((end, index) =>
    end - (marks[index - 1] ?? end) > longest ? [[marks[index - 1] ?? end, end]] : [],
  );
}

/** What the server says of a record: points at multiples of their width, the same value at the same time. */
function recorded(span: Bounds & { step: number }, record = samplesOf(10_000, { from: 0, to: 0 })): History {
  const { from, to, step } = span;
  const first = Math.floor(from / step) * step;
  const times = Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
  const has = new Set(record.samples({ from: first, to }).map(time => Math.floor(time / step) * step));
  const avg = times.map(time => (has.has(time) ? time % 977 : null));
  const gaps = gapsOf(record, span);
  return {
    resourceId: 'agent-a',
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    stepSeconds: step / 1000,
    tier: 'raw',
    source: 'memory',
    archiveError: null,
    times,
    series: [{ metric: 'cpu', unit: 'percent', avg, min: avg, max: avg, gaps }],
    knownGaps: [],
  };
}
