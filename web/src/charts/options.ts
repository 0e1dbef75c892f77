// Puts a chart's options together for the chart library.
import uPlot from 'uplot';
import type { Metric, ResourceKind } from '~/api/types';
import { metricLabel, metricUnit } from '~/format/metrics';
import { timeAxis, valueAxis, valueRange } from './axes';
import type { ChartEvent } from './events';
import type { ChartColours } from './palette';
import { eventMarks, gapShades } from './plugins';
import { COLUMNS_PER_METRIC, lonePoints, type Gap } from './shape';
import { tooltip } from './tooltip';

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
  colours: ChartColours;
  tooltipClass: string;
  content: () => ChartContent;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
};

const MS = 1000;
const SYNC = uPlot.sync('resource-charts');
/** A drag shorter than this, in pixels, is a click. */
const SHORTEST_DRAG = 6;

function seriesOf(metric: Metric, kind: ResourceKind, colour: string): uPlot.Series[] {
  const edge: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } };
  const average: uPlot.Series = {
    label: metricLabel(metric, kind),
    stroke: colour,
    width: 1.5,
    spanGaps: false,
    points: { show: true, size: 4, fill: colour, filter: (chart, index) => lonePoints([...(chart.data[index] ?? [])]) },
  };
  return [average, edge, edge];
}

function bandsOf(metrics: readonly Metric[], fills: readonly string[]): uPlot.Band[] {
  return metrics.map((_, index) => {
    const average = 1 + index * COLUMNS_PER_METRIC;
    return { series: [average + 2, average + 1], fill: fills[index % fills.length] ?? '' };
  });
}

function zoom(chart: uPlot, onZoom: ChartSetup['onZoom']) {
  const { left, width } = chart.select;
  if (width >= SHORTEST_DRAG) onZoom(chart.posToVal(left, 'x') * MS, chart.posToVal(left + width, 'x') * MS);
  chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
}

export function chartOptions(setup: ChartSetup, width: number, height: number): uPlot.Options {
  const { metrics, kind, top, colours, content, tooltipClass, onZoom, onReset } = setup;
  const unit = metricUnit(metrics[0] ?? 'cpu');
  const colour = (index: number) => colours.series[index % colours.series.length] ?? '';
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 16, 0, 0],
    cursor: {
      sync: { key: SYNC.key, setSeries: false, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: {
        dblclick: () => () => {
          onReset();
          return null;
        },
      },
    },
    scales: {
      x: { time: true, range: () => [content().from / MS, content().to / MS] },
      y: { range: (_chart, least, greatest) => valueRange(least, greatest, top) },
    },
    axes: [timeAxis(colours), valueAxis(colours, unit)],
    series: [{}, ...metrics.flatMap((metric, index) => seriesOf(metric, kind, colour(index)))],
    bands: bandsOf(metrics, colours.bands),
    plugins: [
      gapShades(() => content().gaps, colours.gap),
      eventMarks(() => content().events, colours.event),
      tooltip(() => ({ metrics, kind, ...content() }), tooltipClass),
    ],
    hooks: {
      setSelect: [
        chart => {
          zoom(chart, onZoom);
        },
      ],
    },
  };
}
