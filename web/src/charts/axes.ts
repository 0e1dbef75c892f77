// How the axes of a chart are divided and written. Times are epoch milliseconds.
import type uPlot from 'uplot';
import type { Unit } from '~/api/types';
import { MILLISECONDS } from '~/format/time';
import { numberFormat, timeFormat, unitsChosen } from '~/format/style';
import { formatValue } from '~/format/units';

const { MINUTE, DAY } = MILLISECONDS;
const MONTH = 28 * DAY;
/** Steps of a binary scale: powers of two, so that the axis reads 256 MiB, 512 MiB, 1 GiB. */
const BINARY_STEPS = Array.from({ length: 60 }, (_, power) => 2 ** power);

const CLOCK = { hour: '2-digit', minute: '2-digit' } as const;
const HOUR_MINUTE = timeFormat(CLOCK);
const HOUR_MINUTE_SECOND = timeFormat({ ...CLOCK, second: '2-digit' });
const DAY_MONTH = timeFormat({ day: 'numeric', month: 'short' });
const MONTH_YEAR = timeFormat({ month: 'short', year: 'numeric' });
/** By the number of decimals. Making one of these takes longer than drawing a chart. */
const EVEN = Array.from({ length: 16 }, (_, digits) =>
  numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

/** The plot within a chart, in pixels from its edges: what stands over the plot is placed by it. The marks
 * of events stand above it. */
export const PLOT = { left: 72, right: 16, top: 18, bottom: 28 } as const;

function markFormat(step: number): (time: number) => string {
  if (step >= MONTH) return MONTH_YEAR;
  if (step >= DAY) return DAY_MONTH;
  return step >= MINUTE ? HOUR_MINUTE : HOUR_MINUTE_SECOND;
}

export type Ink = { dim: string; grid: string };

export function timeAxis({ dim, grid }: Ink): uPlot.Axis {
  return {
    stroke: dim,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    // Below the lowest number of the other axis, which stands at the same corner.
    gap: 8,
    size: PLOT.bottom,
    space: 70,
    values: (_chart, splits, _axis, _space, step) => splits.map(markFormat(step)),
  };
}

/** As many decimals for all as the step needs, so that an axis reads 2.5, 5.0, 7.5. */
export function evenNumbers(values: readonly number[], step: number): string[] {
  const decimals = String(step).split('.')[1]?.length ?? 0;
  const even = EVEN[Math.min(decimals, EVEN.length - 1)];
  return values.map(value => even?.(value) ?? String(value));
}

export function valueAxis({ dim, grid }: Ink, unit: Unit): uPlot.Axis {
  const binary = (unit === 'bytes' || unit === 'bytes_per_second') && unitsChosen() === 'binary';
  return {
    stroke: dim,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    size: PLOT.left,
    space: 34,
    values: (_chart, splits, _axis, _space, step) =>
      unit === 'number' ? evenNumbers(splits, step) : splits.map(split => formatValue(unit, split)),
    ...(binary && { incrs: BINARY_STEPS }),
  };
}

/** From 0 up to the greatest value, or to `top` where that is more. Below 0 only where values are. */
export function valueRange(least: number | null, greatest: number | null, top: number | undefined): [number, number] {
  const bottom = Math.min(0, least ?? 0);
  const highest = (greatest ?? 0) * 1.05;
  const upper = top === undefined ? highest : Math.max(top, greatest ?? 0);
  return [bottom, upper > bottom ? upper : bottom + 1];
}
