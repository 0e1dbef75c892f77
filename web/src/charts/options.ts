// Puts a chart's options together for the chart library. The library draws; pointer, keys and crosshair are ours.
import uPlot from 'uplot';
import type { Metric, ResourceKind } from '~/api/types';
import { metricLabel, metricUnit } from '~/format/metrics';
import { zoneChosen } from '~/format/style';
import { PLOT, timeAxis, valueAxis, valueRange } from './axes';
import type { ChartEvent } from './events';
import { gapHatches } from './gaps';
import type { ChartColours } from './palette';
import { COLUMNS_PER_METRIC, lonePoints, type Gap } from './shape';

/** What changes while a chart lives. The chart asks for it whenever it draws. */
export type ChartContent = {
  from: number;
  to: number;
  stepMillis: number;
  gaps: readonly Gap[];
  events: readonly ChartEvent[];
};

/** What a chart is made with. */
export type ChartSetup = {
  metrics: readonly Metric[];
  kind: ResourceKind;
  top: number | undefined;
  /** Whether there is a least and a greatest beside the average. */
  banded: boolean;
  colours: ChartColours;
  content: () => ChartContent;
};

const silent = () => () => null;
/** The library's own answers to the mouse, all off. */
const NO_MOUSE: uPlot.Cursor.Bind = {
  mousedown: silent,
  mouseup: silent,
  mousemove: silent,
  mouseenter: silent,
  mouseleave: silent,
  dblclick: silent,
  click: silent,
};

function seriesOf(metric: Metric, { kind, banded }: ChartSetup, colour: string): uPlot.Series[] {
  const edge: uPlot.Series = { show: banded, stroke: 'transparent', width: 0, points: { show: false } };
  const average: uPlot.Series = {
    label: metricLabel(metric, kind),
    stroke: colour,
    width: 1.5,
    spanGaps: false,
    points: { show: true, size: 4, fill: colour, filter: (chart, index) => lonePoints(chart.data[index] ?? []) },
  };
  return [average, edge, edge];
}

function bandsOf(metrics: readonly Metric[], fills: readonly string[]): uPlot.Band[] {
  return metrics.map((_, index) => {
    const average = 1 + index * COLUMNS_PER_METRIC;
    return { series: [average + 2, average + 1], fill: fills[index % fills.length] ?? '' };
  });
}

/** Asked with each drawing, since a plot outlives a change of the zone. */
function inZone(time: number): Date {
  const zone = zoneChosen();
  return zone === undefined ? new Date(time) : uPlot.tzDate(new Date(time), zone);
}

export function chartOptions(setup: ChartSetup, width: number, height: number): uPlot.Options {
  const { metrics, top, banded, colours, content } = setup;
  const unit = metricUnit(metrics[0] ?? 'cpu');
  const colour = (index: number) => colours.series[index % colours.series.length] ?? '';
  return {
    width,
    height,
    ms: 1,
    // Marks stand at the hours and days of the zone in which they are written.
    tzDate: inZone,
    legend: { show: false },
    padding: [PLOT.top, PLOT.right, 0, 0],
    cursor: {
      y: false,
      points: { size: 6 },
      bind: NO_MOUSE,
    },
    scales: {
      x: { time: true, range: () => [content().from, content().to] },
      y: { range: (_chart, least, greatest) => valueRange(least, greatest, top) },
    },
    axes: [timeAxis(colours), valueAxis(colours, unit)],
    series: [{}, ...metrics.flatMap((metric, index) => seriesOf(metric, setup, colour(index)))],
    bands: banded ? bandsOf(metrics, colours.bands) : [],
    plugins: [gapHatches(() => content().gaps, colours)],
  };
}
