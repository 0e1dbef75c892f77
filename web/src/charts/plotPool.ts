// Lends plots from one chart of a page to the next. Making a plot takes longer than drawing on it, so that one whose chart
// has left the screen goes to a chart that comes onto it.

type Resting = { made: string; onTaken: () => void };

export class PlotPool<Plot> {
  /** Those that nobody sees, the one that left the screen first at the front. */
  private readonly resting = new Map<Plot, Resting>();

  /** The chart of this plot has left the screen. It keeps the plot until another takes it. */
  rest(plot: Plot, made: string, onTaken: () => void) {
    this.resting.set(plot, { made, onTaken });
  }

  /** The chart is back before another took its plot, or the plot is gone. */
  keep(plot: Plot) {
    this.resting.delete(plot);
  }

  /** A plot that nobody sees and that was made alike. */
  take(made: string): Plot | undefined {
    for (const [plot, { made: before, onTaken }] of this.resting) {
      if (before !== made) continue;
      this.resting.delete(plot);
      onTaken();
      return plot;
    }
    return undefined;
  }
}
