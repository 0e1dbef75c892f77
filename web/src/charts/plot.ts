// A chart on its canvas, as the rest of the application sees it: data goes in, the crosshair of the page is followed, and
// the time below the crosshair is told in a box. Belongs to the component `Chart`; React sees nothing of what moves here.
import uPlot from 'uplot';
import { PLOT } from './axes';
import type { Crosshair, Follower } from './crosshair';
import { chartOptions, type ChartSetup } from './options';
import type { ChartData } from './shape';
import { tooltipLines } from './tooltip';
import type { Bounds } from './window';

const OFFSET = 12;
const OUTSIDE = { left: -10, top: -10 };

type Place = { host: HTMLElement; width: number; height: number; tooltipClass: string };

export class Plot implements Follower {
  readonly chart: uPlot;
  private readonly tooltip = document.createElement('div');

  constructor(
    private readonly setup: ChartSetup,
    data: ChartData,
    { host, width, height, tooltipClass }: Place,
  ) {
    this.chart = new uPlot(chartOptions(setup, width, height), data, host);
    this.tooltip.className = tooltipClass;
    this.tooltip.hidden = true;
    this.chart.over.append(this.tooltip);
  }

  setData(data: ChartData, crosshair: Crosshair) {
    // At once and not in a microtask of its own, since the crosshair is placed by the new scale.
    this.chart.batch(() => {
      this.chart.setData(data);
    });
    crosshair.showOn(this);
  }

  resize(width: number, height: number) {
    this.chart.setSize({ width, height });
  }

  destroy() {
    this.chart.destroy();
  }

  /** The time at a distance from the left edge of the plot, in pixels; within the span that is shown. */
  timeAt(left: number): number {
    const { from, to } = this.setup.content();
    return Math.max(from, Math.min(to, this.chart.posToVal(left, 'x')));
  }

  showTime = (time: number | null, leads: boolean) => {
    const { from, to } = this.setup.content();
    const inside = time !== null && time >= from && time <= to;
    this.chart.setCursor(inside ? { left: this.chart.valToPos(time, 'x'), top: 0 } : OUTSIDE);
    this.tell(inside ? this.chart.cursor.idx : null, leads);
  };

  showSelection = (selection: Bounds | null) => {
    const left = selection === null ? 0 : this.chart.valToPos(selection.from, 'x');
    const width = selection === null ? 0 : this.chart.valToPos(selection.to, 'x') - left;
    const { select, over } = this.chart;
    if (select.width === 0 && width === 0) return;
    this.chart.setSelect({ left, width, top: 0, height: width === 0 ? 0 : over.clientHeight }, false);
  };

  private tell(index: number | null | undefined, leads: boolean) {
    const data = this.chart.data as ChartData; // The very columns that were given to it.
    this.tooltip.hidden = typeof index !== 'number';
    if (typeof index !== 'number') return;
    const { metrics, kind, content } = this.setup;
    this.tooltip.textContent = tooltipLines(data, index, { metrics, kind, ...content() }, leads).join('\n');
    this.placeTooltip(this.chart.cursor.left ?? 0);
  }

  /** Beside the crosshair, on the side with more room, and never beyond the chart. */
  private placeTooltip(left: number) {
    const width = this.chart.bbox.width / uPlot.pxRatio;
    const flips = left > width / 2;
    const { style } = this.tooltip;
    style.left = flips ? 'auto' : `${left + OFFSET}px`;
    style.right = flips ? `${width - left + OFFSET}px` : 'auto';
    style.maxWidth = `${flips ? left - OFFSET + PLOT.left : width - left - OFFSET + PLOT.right}px`;
  }
}
