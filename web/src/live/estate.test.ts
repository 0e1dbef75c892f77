import { describe, expect, it } from 'vitest';
import type { ServerFrame } from '~/api/types';
import { aResource } from '~/test/resources';
import { applyFrame, fromState, type Estate } from './estate';

const a = aResource({ id: 'agent-a' });
const b = aResource({ id: 'agent-b' });
const known = (value: number) => ({
  state: 'known' as const,
  value,
  unit: 'percent' as const,
  at: '2026-11-21T09:00:00Z',
  source: 'agent:local',
});

function applied(estate: Estate | null, frame: ServerFrame): Estate {
  const result = applyFrame(estate, frame);
  if (result.outcome !== 'applied') throw new Error('a gap where none was expected');
  return result.estate;
}

const delta = (from: number, to: number, rest: Partial<Extract<ServerFrame, { type: 'delta' }>> = {}): ServerFrame => ({
  type: 'delta',
  from,
  to,
  upserts: [],
  removes: [],
  ...rest,
});

describe('state, deltas and readings (D-25)', () => {
  const base = fromState(null, 5, [a, b]);

  it('takes a state as the whole picture', () => {
    const estate = applied(base, { type: 'state', state: { revision: 9, resources: [b] } });
    expect(estate.revision).toBe(9);
    expect([...estate.resources.keys()]).toEqual(['agent-b']);
  });

  it('applies a delta that continues from its revision', () => {
    const renamed = aResource({ id: 'agent-a', name: 'renamed' });
    const estate = applied(base, delta(5, 6, { upserts: [renamed], removes: ['agent-b'] }));
    expect(estate.revision).toBe(6);
    expect(estate.resources.get('agent-a')?.name).toBe('renamed');
    expect(estate.resources.has('agent-b')).toBe(false);
  });

  it('ignores a delta that it has had already', () => {
    expect(applied(base, delta(3, 5, { removes: ['agent-a'] }))).toBe(base);
  });

  it('reports a gap where a delta does not continue', () => {
    expect(applyFrame(base, delta(6, 7)).outcome).toBe('gap');
    expect(applyFrame(base, delta(4, 6)).outcome).toBe('gap');
    expect(applyFrame(null, delta(5, 6)).outcome).toBe('gap');
  });

  it('keeps readings through a delta that carries none', () => {
    const read = fromState(null, 5, [{ ...a, lastSeen: '2026-11-21T09:00:00Z', metrics: { cpu: known(7) } }]);
    const estate = applied(read, delta(5, 6, { upserts: [aResource({ id: 'agent-a', status: 'warning' })] }));
    expect(estate.readings.get('agent-a')?.metrics.cpu).toEqual({
      state: 'known',
      value: 7,
      at: Date.parse('2026-11-21T09:00:00Z'),
    });
  });
});

describe('readings (D-9)', () => {
  const at = Date.parse('2026-11-21T09:00:10Z');
  const readings = (values: (number | null)[]): ServerFrame => ({
    type: 'readings',
    at,
    resources: ['agent-a', 'agent-b'],
    lastSeen: [at, null],
    columns: { cpu: values },
  });
  const before = fromState(null, 5, [
    { ...a, metrics: { cpu: known(7) } },
    { ...b, metrics: { cpu: { state: 'unknown', reason: 'no_baseline' } } },
  ]);

  it('takes values over with their time', () => {
    const estate = applied(before, readings([12, 13]));
    expect(estate.readings.get('agent-a')).toEqual({
      lastSeen: at,
      metrics: { cpu: { state: 'known', value: 12, at } },
    });
  });

  it('turns a value that is missing into unknown, never into zero, and keeps the reason that was given', () => {
    const estate = applied(before, readings([null, null]));
    expect(estate.readings.get('agent-a')?.metrics.cpu).toEqual({ state: 'unknown', reason: null });
    expect(estate.readings.get('agent-b')?.metrics.cpu).toEqual({ state: 'unknown', reason: 'no_baseline' });
  });

  it('makes nothing up for a metric that a resource never had', () => {
    const estate = applied(before, { ...readings([1, 2]), columns: { temperature: [null, 40] } } as ServerFrame);
    expect(estate.readings.get('agent-a')?.metrics.temperature).toBeUndefined();
  });

  it('leaves the facts untouched, so that nothing is filtered and sorted anew', () => {
    expect(applied(before, readings([1, 2])).resources).toBe(before.resources);
  });

  it('drops readings of resources that are gone', () => {
    const gone = applied(before, delta(5, 6, { removes: ['agent-a'] }));
    expect(applied(gone, readings([1, 2])).readings.get('agent-a')).toBeUndefined();
  });
});
