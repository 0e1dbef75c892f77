import { describe, expect, it } from 'vitest';
import { Slots } from './slots';

const of = (slots: Slots, ...ids: string[]) => [...slots.assign(ids).values()];

describe('the elements of rows', () => {
  it('stay with the rows that stay, wherever those go', () => {
    const slots = new Slots();
    expect(of(slots, 'a', 'b', 'c', 'd')).toEqual([0, 1, 2, 3]);
    expect(of(slots, 'd', 'b', 'c', 'a')).toEqual([3, 1, 2, 0]);
    expect(of(slots, 'd', 'b', 'c', 'a')).toEqual([3, 1, 2, 0]);
  });

  it('are taken over by rows that come, in their order', () => {
    const slots = new Slots();
    of(slots, 'a', 'b', 'c', 'd');
    expect(of(slots, 'c', 'd', 'e', 'f')).toEqual([2, 3, 0, 1]);
    expect(of(slots, 'u', 'v', 'w', 'x')).toEqual([2, 3, 0, 1]);
  });

  it('are never shared, however many rows come and go', () => {
    const slots = new Slots();
    const rows = Array.from({ length: 26 }, (_, row) => `row ${row}`);
    for (let step = 0; step < 200; step += 1) {
      const from = (step * 7) % 20;
      const shown = of(slots, ...rows.slice(from, from + 1 + ((step * 5) % 6)));
      expect(new Set(shown).size).toBe(shown.length);
      expect(Math.max(...shown)).toBeLessThan(12);
    }
  });
});
