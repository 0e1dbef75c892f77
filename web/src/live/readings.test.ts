import { describe, expect, it } from 'vitest';
import type { RowReadings } from './estate';
import { Readings } from './readings';

const seen = (lastSeen: number): RowReadings => ({ lastSeen, metrics: {} });
const many = (count: number, at: number) =>
  new Map(Array.from({ length: count }, (_, index) => [`r${String(index)}`, seen(at)] as const));

describe('readings by resource', () => {
  it('answers the newest, and what was known of the others', () => {
    const known = Readings.of(many(3, 1)).with(new Map([['r1', seen(2)]]));
    expect(['r0', 'r1', 'r2'].map(id => known.get(id)?.lastSeen)).toEqual([1, 2, 1]);
    expect(known.size).toBe(3);
  });

  it('leaves what was made before as it was', () => {
    const before = Readings.of(many(2, 1));
    const after = before.with(new Map([['new', seen(2)]]));
    expect([before.get('new'), before.size, after.size]).toEqual([undefined, 2, 3]);
  });

  it('holds as many as ever came, however they came', () => {
    let known = Readings.of(new Map());
    for (let sweep = 0; sweep < 5; sweep += 1) {
      const page = [...many(4000, sweep)].slice(sweep * 700, (sweep + 1) * 700);
      known = known.with(new Map(page)).with(new Map(page));
    }
    expect(known.size).toBe(3500);
    expect(['r0', 'r699', 'r700', 'r3499'].map(id => known.get(id)?.lastSeen)).toEqual([0, 0, 1, 4]);
  });

  it('forgets those that are gone, among the newest and among the rest', () => {
    const known = Readings.of(many(3, 1)).with(new Map([['new', seen(2)]]));
    const left = known.without(['r0', 'new', 'nobody']);
    expect(left.size).toBe(2);
    expect([left.get('r0'), left.get('new')]).toEqual([undefined, undefined]);
    expect(known.without(['nobody'])).toBe(known);
  });
});
