import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MILLISECONDS } from '~/format/time';
import { forecast, type Filling } from './fill';

const { DAY, HOUR } = MILLISECONDS;

/** Seven days, hour by hour. */
function filling(bytesAt: (hour: number) => number | null, room: number, missing = 0): Filling {
  const hours = Array.from({ length: 7 * 24 }, (_, hour) => hour);
  return {
    times: hours.map(hour => hour * HOUR),
    used: hours.map(bytesAt),
    avail: hours.map(() => room),
    missing: hours.map(() => missing),
  };
}

it('finds the day from a steady filling, whatever it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 300 }), (perHour, days) => {
      const next = forecast(filling(hour => 1e12 + hour * perHour, perHour * 24 * days));
      expect(next.outlook).toBe('full');
      if (next.outlook !== 'full') return;
      expect(next.inMillis / DAY).toBeCloseTo(days, 1);
    }),
  );
});

it('does not make a forecast of nothing, of holes, or of the sum of a part', () => {
  expect(forecast(filling(() => null, 1)).outlook).toBe('unclear');
  expect(forecast(filling(hour => (hour < 3 ? hour : null), 1)).outlook).toBe('unclear');
  expect(forecast(filling(hour => hour, 1, 1)).outlook).toBe('unclear');
});

it('is steady where it empties, stays, or would take years', () => {
  expect(forecast(filling(hour => -hour, 1)).outlook).toBe('steady');
  expect(forecast(filling(() => 5, 1)).outlook).toBe('steady');
  expect(forecast(filling(hour => hour, 1e9)).outlook).toBe('steady');
});
