// When all storage will be full if it goes on filling as it has: a straight line through what is used. Pure.
import { MILLISECONDS } from '~/format/time';

const { DAY } = MILLISECONDS;

export type Filling = {
  times: readonly number[];
  used: readonly (number | null)[];
  avail: readonly (number | null)[];
  missing: readonly number[];
};

export type Forecast =
  /** Too short a time, or nothing, is known. */
  { outlook: 'unclear' } | { outlook: 'steady' } | { outlook: 'full'; inMillis: number; bytesPerDay: number };

/** Of less than this, a line says nothing. */
const LEAST_MS = DAY / 4;
/** Beyond it, a line says nothing either. */
const FARTHEST_MS = 3 * 365 * DAY;

type Point = readonly [time: number, bytes: number];

/** Only points at which every storage told its use: the sum of a part is no use of the whole. */
function wholePoints({ times, used, missing }: Filling): Point[] {
  return times.flatMap((time, index): Point[] => {
    const bytes = used[index] ?? null;
    return bytes === null || (missing[index] ?? 0) > 0 ? [] : [[time, bytes]];
  });
}

/** Bytes in a millisecond, by least squares. */
function slope(points: readonly Point[]): number {
  const mean = (place: 0 | 1) => points.reduce((sum, point) => sum + point[place], 0) / points.length;
  const [time, bytes] = [mean(0), mean(1)];
  const [both, own] = points.reduce(
    ([cross, square], [x, y]) => [cross + (x - time) * (y - bytes), square + (x - time) ** 2],
    [0, 0],
  );
  return own > 0 ? both / own : 0;
}

export function forecast(filling: Filling): Forecast {
  const points = wholePoints(filling);
  const [first, last] = [points[0], points.at(-1)];
  const room = filling.avail.findLast(bytes => bytes !== null);
  if (!first || !last || typeof room !== 'number' || last[0] - first[0] < LEAST_MS) return { outlook: 'unclear' };
  const speed = slope(points);
  if (speed <= 0 || room / speed > FARTHEST_MS) return { outlook: 'steady' };
  return { outlook: 'full', inMillis: room / speed, bytesPerDay: speed * DAY };
}
