// One chart on the screen. The canvas belongs to the chart library; this hands it size, colours and data.
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ResourceKind } from '~/api/types';
import type { ChartGroup } from './groups';
import { chartOptions, type ChartContent } from './options';
import { chartColours } from './palette';
import type { ChartData } from './shape';
import classes from './Chart.module.css';

const HEIGHT = 168;

type Props = {
  group: ChartGroup;
  kind: ResourceKind;
  data: ChartData;
  content: ChartContent;
  summary: string;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
};

export function Chart({ group, kind, data, content, summary, onZoom, onReset }: Props) {
  const { ref: sized, width } = useElementSize<HTMLDivElement>();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const newest = useRef({ data, content, onZoom, onReset });
  const scheme = useComputedColorScheme('light');
  const key = `${group.metrics.join()} ${scheme}`;
  const ready = width > 0;

  // Effects, because the canvas lives outside React. The first keeps what the library asks for current.
  useEffect(() => {
    newest.current = { data, content, onZoom, onReset };
    chart.current?.setData(data);
  }, [data, content, onZoom, onReset]);

  useEffect(() => {
    if (!ready || !host.current) return;
    const setup = {
      metrics: group.metrics,
      kind,
      top: group.top,
      colours: chartColours(host.current),
      tooltipClass: classes.tooltip ?? '',
      content: () => newest.current.content,
      onZoom: (from: number, to: number) => {
        newest.current.onZoom(from, to);
      },
      onReset: () => {
        newest.current.onReset();
      },
    };
    const options = chartOptions(setup, host.current.clientWidth, HEIGHT);
    const made = new uPlot(options, newest.current.data, host.current);
    chart.current = made;
    return () => {
      chart.current = null;
      made.destroy();
    };
    // The key stands for metrics and colours; everything else is asked for when drawing.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
  }, [key, ready]);

  useEffect(() => {
    if (width > 0) chart.current?.setSize({ width, height: HEIGHT });
  }, [width]);

  return (
    <div ref={sized} className={classes.chart} style={{ height: HEIGHT }}>
      <div ref={host} role="img" aria-label={`${group.title}: ${summary}`} />
    </div>
  );
}
