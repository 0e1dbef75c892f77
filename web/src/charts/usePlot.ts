// Makes the plot of a chart once it is first on the screen, and keeps it current while it is.
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { useChartPage } from './ChartPage';
import type { ChartContent, ChartSetup } from './options';
import { chartColours } from './palette';
import { Plot } from './plot';
import { listenToPointer } from './pointer';
import type { ChartData } from './shape';
import classes from './Chart.module.css';

type Subject = Pick<ChartSetup, 'metrics' | 'kind' | 'top' | 'banded'> & {
  data: ChartData;
  content: ChartContent;
  height: number;
  /** Of the chart on the page, in pixels; 0 before it is known. */
  width: number;
  onScreen: boolean;
  onPress: () => void;
};

/** Fills the host with a canvas and `plotRef` with what is drawn on it; true once it is there. */
export function usePlot(
  host: RefObject<HTMLDivElement | null>,
  plotRef: RefObject<Plot | null>,
  { metrics, kind, top, banded, data, content, height, width, onScreen, onPress }: Subject,
): boolean {
  const { crosshair, steering } = useChartPage();
  const newest = useRef({ data, content, steering, onPress });
  const drawn = useRef<ChartData>(null);
  const [seen, setSeen] = useState(false);
  const scheme = useComputedColorScheme('light');
  const ready = seen && width > 0;
  // What the plot is made for; everything else it asks for when drawing.
  const made = `${metrics.join()} ${kind} ${top ?? ''} ${banded} ${scheme}`;
  if (onScreen && !seen) setSeen(true);

  // Effects, because the canvas lives outside React. The first keeps what it asks for current.
  useEffect(() => {
    newest.current = { data, content, steering, onPress };
  });

  useEffect(() => {
    if (!ready || !host.current) return;
    const colours = chartColours(host.current);
    const setup = { metrics, kind, top, banded, colours, content: () => newest.current.content };
    const place = { host: host.current, width: host.current.clientWidth, height };
    const plot = new Plot(setup, newest.current.data, { ...place, tooltipClass: classes.tooltip ?? '' });
    listenToPointer(plot, crosshair, {
      onZoom: (from, to) => {
        newest.current.steering.onZoom(from, to);
      },
      onReset: () => {
        newest.current.steering.onReset();
      },
      onPress: () => {
        newest.current.onPress();
      },
    });
    drawn.current = newest.current.data;
    plotRef.current = plot;
    return () => {
      plotRef.current = null;
      plot.destroy();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `made` stands for what is not named
  }, [made, ready]);

  useEffect(() => {
    if (!onScreen || !plotRef.current || drawn.current === data) return;
    plotRef.current.setData(data, crosshair);
    drawn.current = data;
  }, [data, onScreen, crosshair, plotRef]);

  useEffect(
    () => (onScreen && plotRef.current ? crosshair.follow(plotRef.current) : undefined),
    [made, ready, onScreen, crosshair, plotRef],
  );

  useEffect(() => {
    if (width > 0) plotRef.current?.resize(width, height);
  }, [width, height, plotRef]);
  return ready;
}
