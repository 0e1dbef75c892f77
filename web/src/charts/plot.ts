// A chart on its canvas, as the rest of the application sees it: data goes in, the crosshair of the page is followed, and
// the time below the crosshair is told in a box. Belongs to the component `Chart`; React sees nothing of what moves here.
import uPlot from 'uplot';
import { PLOT } from './axes';
import type { Follower } from './crosshair';
import { chartOptions, type ChartContent, type ChartSetup } from './options';
import type { PlotActions } from './pointer';
import type { ChartData } from './shape';
import { tooltipLines } from './tooltip';
import type { Bounds } from './window';

const OFFSET = 12;
const OUTSIDE = { left: -10, top: -10 };

/** Whose plot it is. Content and actions are asked for when they are needed. */
export type PlotSubject = { host: HTMLElement; content: () => ChartContent; actions: () => PlotActions };

export type Size = { width: number; height: number };

type Setup = Omit<ChartSetup, 'content'> & { tooltipClass: string };

export class Plot implements Follower {
  readonly chart: uPlot;
  private readonly tooltip = document.createElement('div');

  constructor(
    private readonly setup: Setup,
    private subject: PlotSubject,
    private data: ChartData,
    { width, height }: Size,
  ) {
    const content = () => this.subject.content();
    this.chart = new uPlot(chartOptions({ ...setup, content }, width, height), data, subject.host);
    this.tooltip.className = setup.tooltipClass;
    this.tooltip.hidden = true;
    this.chart.over.append(this.tooltip);
  }

  get actions(): PlotActions {
    return this.subject.actions();
  }

  /** Of the plot between the axes, in pixels. */
  get plotWidth(): number {
    return this.chart.bbox.width / uPlot.pxRatio;
  }

  /** Goes to its place, which may be that of another chart than before, and shows what there is now. */
  place(subject: PlotSubject, data: ChartData, { width, height }: Size) {
    if (subject.host !== this.subject.host) subject.host.append(this.chart.root);
    this.subject = subject;
    if (this.chart.width !== width || this.chart.height !== height) this.chart.setSize({ width, height });
    this.show(data);
  }

  /** Draws at once, unless it shows just that. */
  show(data: ChartData) {
    if (this.data === data) return;
    this.data = data;
    // Not in a microtask of its own, since the crosshair is placed by the new scale.
    this.chart.batch(() => {
      this.chart.setData(data);
    });
  }

  destroy() {
    this.chart.destroy();
  }

  /** The time at a distance from the left edge of the plot, in pixels; within the span that is shown. */
  timeAt(left: number): number {
    const { from, to } = this.subject.content();
    return Math.max(from, Math.min(to, this.chart.posToVal(left, 'x')));
  }

  showTime = (time: number | null, leads: boolean) => {
    const { from, to } = this.subject.content();
    const inside = time !== null && time >= from && time <= to;
    if (!inside && this.tooltip.hidden) return;
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
    this.tooltip.hidden = typeof index !== 'number';
    if (typeof index !== 'number') return;
    const { metrics, kind } = this.setup;
    const content = { metrics, kind, ...this.subject.content() };
    this.tooltip.textContent = tooltipLines(this.data, index, content, leads).join('\n');
    this.placeTooltip(this.chart.cursor.left ?? 0);
  }

  /** Beside the crosshair, on the side with more room, and never beyond the chart. */
  private placeTooltip(left: number) {
    const width = this.plotWidth;
    const flips = left > width / 2;
    const { style } = this.tooltip;
    style.left = flips ? 'auto' : `${left + OFFSET}px`;
    style.right = flips ? `${width - left + OFFSET}px` : 'auto';
    style.maxWidth = `${flips ? left - OFFSET + PLOT.left : width - left - OFFSET + PLOT.right}px`;
  }
}
