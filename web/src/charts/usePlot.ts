// Gets a plot for a chart that comes onto the screen, and keeps it current while it is there. The browser tells how wide the
// chart is; nothing here asks for the layout.
import { useEffect, useRef, type RefObject } from 'react';
import { useChartPage } from './ChartPage';
import type { ChartContent, ChartSetup } from './options';
import { chartColours } from './palette';
import { Plot, type PlotSubject } from './plot';
import { listenToPointer, type PlotActions } from './pointer';
import type { ChartData } from './shape';
import classes from './Chart.module.css';

type Drawn = Pick<ChartSetup, 'metrics' | 'kind' | 'top' | 'banded'> & {
  data: ChartData;
  content: ChartContent;
  height: number;
  onScreen: boolean;
  onPress: () => void;
};

/** Fills the host with a canvas and `plotRef` with what is drawn on it. */
export function usePlot(
  host: RefObject<HTMLDivElement | null>,
  plotRef: RefObject<Plot | null>,
  { metrics, kind, top, banded, data, content, height, onScreen, onPress }: Drawn,
) {
  const { crosshair, plots, scheme, steering } = useChartPage();
  const newest = useRef({ data, content, steering, onPress });
  // What a plot is made for; everything else it asks for when drawing.
  const made = `${metrics.join()} ${kind} ${top ?? ''} ${banded} ${scheme}`;

  // Effects, because the canvas lives outside React. The first keeps what it asks for current.
  useEffect(() => {
    newest.current = { data, content, steering, onPress };
  });

  useEffect(
    () => () => {
      if (!plotRef.current) return;
      plots.keep(plotRef.current);
      plotRef.current.destroy();
      plotRef.current = null;
    },
    [made, plots, plotRef],
  );

  useEffect(() => {
    const element = host.current;
    if (!onScreen || !element) return;
    const actions: PlotActions = {
      onZoom: (from, to) => {
        newest.current.steering.onZoom(from, to);
      },
      onReset: () => {
        newest.current.steering.onReset();
      },
      onPress: () => {
        newest.current.onPress();
      },
    };
    const subject: PlotSubject = { host: element, content: () => newest.current.content, actions: () => actions };
    const make = (width: number) => {
      const setup = { metrics, kind, top, banded, colours: chartColours(element), tooltipClass: classes.tooltip ?? '' };
      const plot = new Plot(setup, subject, newest.current.data, { width, height });
      listenToPointer(plot, crosshair);
      return plot;
    };
    let leave: () => void = () => undefined;
    const place = (width: number) => {
      const plot = plotRef.current ?? plots.take(made) ?? make(width);
      plotRef.current = plot;
      plots.keep(plot);
      plot.place(subject, newest.current.data, { width, height });
      leave();
      leave = crosshair.follow(plot);
    };
    const sizes = new ResizeObserver(entries => {
      const width = entries.at(-1)?.contentRect.width ?? 0;
      if (width > 0) place(width);
    });
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      leave();
      if (!plotRef.current) return;
      plots.rest(plotRef.current, made, () => {
        plotRef.current = null;
      });
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `made` stands for what is not named
  }, [made, height, onScreen, crosshair, plots, host, plotRef]);

  useEffect(() => {
    const plot = plotRef.current;
    if (!plot || !onScreen) return;
    plot.show(data);
    crosshair.showOn(plot);
  }, [data, onScreen, crosshair, plotRef]);
}
