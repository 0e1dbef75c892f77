// What a chart says about the time below the crosshair: its values, or why there are none. Kept out of React, because it
// follows the pointer at every frame.
import type { Metric, ResourceKind } from '~/api/types';
import { metricLabel, metricUnit } from '~/format/metrics';
import { formatClock, formatMoment } from '~/format/time';
import { formatValue } from '~/format/units';
import { GAP_REASON } from '~/strings/labels';
import type { ChartEvent } from './events';
import type { Column } from './bridges';
import { COLUMNS_PER_METRIC, type ChartData, type Gap } from './shape';

export type TooltipContent = {
  metrics: readonly Metric[];
  kind: ResourceKind;
  stepMillis: number;
  gaps: readonly Gap[];
  events: readonly ChartEvent[];
};

/** Up to this width a point is one sample, and its time says enough. */
const SAMPLE_MS = 10_000;
const MOST_EVENTS = 4;

type Cell = number | null | undefined;

/** One line for each metric: the average and, where the point holds several samples, their span. */
export function metricLine(metric: Metric, kind: ResourceKind, [avg, min, max]: readonly Cell[]): string {
  const unit = metricUnit(metric);
  const label = metricLabel(metric, kind);
  if (avg === null || avg === undefined) return `${label}: not recorded`;
  const spread = min !== max && typeof min === 'number' && typeof max === 'number';
  const span = spread ? ` (${formatValue(unit, min)} to ${formatValue(unit, max)})` : '';
  return `${label}: ${formatValue(unit, avg)}${span}`;
}

/** Why there is nothing in a stretch of time, as far as it is known. */
export function gapLine(from: number, to: number, gaps: readonly Gap[]): string {
  const gap = gaps.find(known => to >= known.from && from <= known.to);
  return gap ? `Gap: ${GAP_REASON[gap.reason]}` : 'Nothing was recorded here';
}

/** The time of a point: a moment, or the stretch that it stands for. */
export function pointTime(at: number, stepMillis: number): string {
  return stepMillis <= SAMPLE_MS ? formatMoment(at) : `${formatMoment(at)} to ${formatClock(at + stepMillis)}`;
}

/** The values of a point; of a metric that is sampled more slowly, its last sample, with the time of that. */
export function valueLines([times, ...columns]: ChartData, index: number, content: TooltipContent): string[] {
  const { metrics, kind, stepMillis, gaps } = content;
  const at = times[index] ?? 0;
  if (columns.every(column => column[index] === null)) return [gapLine(at, at + stepMillis, gaps)];
  return metrics.map((metric, place) => {
    const own = columns.slice(place * COLUMNS_PER_METRIC, (place + 1) * COLUMNS_PER_METRIC);
    const row = sampleRow(own[0] ?? [], index);
    const line = metricLine(
      metric,
      kind,
      own.map(column => column[row]),
    );
    return row === index ? line : `${line} at ${formatClock(times[row] ?? at)}`;
  });
}

/** The row itself, or the one of the sample before where it lies between two. */
function sampleRow(column: Column, index: number): number {
  let row = index;
  while (row > 0 && column[row] === undefined) row -= 1;
  return row;
}

/** What happened while the point lasted, oldest first. */
export function eventLines(at: number, { stepMillis, events }: TooltipContent): string[] {
  const near = events.filter(event => event.at >= at && event.at < at + Math.max(stepMillis, SAMPLE_MS));
  const more = near.length - MOST_EVENTS;
  return [...near.slice(0, MOST_EVENTS).map(({ text }) => text), ...(more > 0 ? [`and ${more} more events`] : [])];
}

/** Everything about a point. A chart that only follows the crosshair leaves out what its leader says for all. */
export function tooltipLines(data: ChartData, index: number, content: TooltipContent, leads: boolean): string[] {
  const at = data[0][index] ?? 0;
  const values = valueLines(data, index, content);
  return leads ? [pointTime(at, content.stepMillis), ...values, ...eventLines(at, content)] : values;
}
