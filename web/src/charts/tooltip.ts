// The tooltip of a chart: the point below the cursor, or why there is none. Kept out of React, because it follows the
// pointer at every frame.
import type uPlot from 'uplot';
import type { Metric, ResourceKind } from '~/api/types';
import { metricLabel, metricUnit } from '~/format/metrics';
import { formatTime } from '~/format/time';
import { formatValue } from '~/format/units';
import { GAP_REASON } from '~/strings/labels';
import type { ChartEvent } from './events';
import { COLUMNS_PER_METRIC, type Gap } from './shape';

export type TooltipContent = {
  metrics: readonly Metric[];
  kind: ResourceKind;
  stepMillis: number;
  gaps: readonly Gap[];
  events: readonly ChartEvent[];
};

const MS = 1000;
const OFFSET = 12;

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

/** Why there is nothing at a time, as far as it is known. */
export function gapLine(at: number, gaps: readonly Gap[]): string {
  const gap = gaps.find(({ from, to }) => at >= from && at <= to);
  return gap ? `Gap: ${GAP_REASON[gap.reason]}` : 'Nothing was recorded here';
}

export function tooltipLines(row: readonly Cell[], at: number, content: TooltipContent): string[] {
  const { metrics, kind, stepMillis, gaps, events } = content;
  const cells = (index: number) => row.slice(index * COLUMNS_PER_METRIC, (index + 1) * COLUMNS_PER_METRIC);
  const empty = row.every(cell => cell === null || cell === undefined);
  const values = empty ? [gapLine(at, gaps)] : metrics.map((metric, index) => metricLine(metric, kind, cells(index)));
  const near = events.filter(event => Math.abs(event.at - at) <= Math.max(stepMillis, 1));
  return [formatTime(at), ...values, ...near.map(({ text }) => text)];
}

export function tooltip(content: () => TooltipContent, className: string): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = className;
  box.hidden = true;
  return {
    hooks: {
      init: chart => {
        chart.over.append(box);
      },
      setCursor: chart => {
        const { idx, left = -1, top = 0 } = chart.cursor;
        box.hidden = typeof idx !== 'number' || left < 0 || !chart.over.matches(':hover');
        if (box.hidden || typeof idx !== 'number') return;
        const row = chart.data.slice(1).map(column => column[idx]);
        box.textContent = tooltipLines(row, (chart.data[0][idx] ?? 0) * MS, content()).join('\n');
        const flips = left > chart.over.clientWidth / 2;
        box.style.transform = `translate(${left + (flips ? -OFFSET : OFFSET)}px, ${top}px)${flips ? ' translateX(-100%)' : ''}`;
      },
    },
  };
}
