// One chart on the screen: the canvas, the marks of events over it, and the crosshair for the keyboard.
import { useRef, type RefObject } from 'react';
import 'uplot/dist/uPlot.min.css';
import type { ResourceKind } from '~/api/types';
import { PLOT } from './axes';
import { ChartKeys } from './ChartKeys';
import { EventMarks } from './EventMarks';
import type { ChartGroup } from './groups';
import type { ChartContent } from './options';
import type { Plot } from './plot';
import type { ChartData } from './shape';
import { usePlot } from './usePlot';
import classes from './Chart.module.css';

export const CHART_HEIGHT = 178;

type Props = {
  group: ChartGroup;
  kind: ResourceKind;
  data: ChartData;
  content: ChartContent;
  summary: string;
  /** What to say where there is nothing to draw. */
  empty: string | null;
  onScreen: boolean;
  /** Where the plot is found by those who save it. */
  plotRef: RefObject<Plot | null>;
};

export function Chart({ group, kind, data, content, summary, empty, onScreen, plotRef }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const keys = useRef<HTMLDivElement>(null);
  const { metrics, top, banded = true, title } = group;
  const onPress = () => keys.current?.focus({ preventScroll: true });
  usePlot(host, plotRef, { metrics, kind, top, banded, data, content, height: CHART_HEIGHT, onScreen, onPress });
  return (
    <div className={classes.chart} style={{ height: CHART_HEIGHT }}>
      <div ref={host} role="img" aria-label={`${title}: ${summary}`} />
      {empty !== null && <p className={classes.empty}>{empty}</p>}
      {content.events.length > 0 && <EventMarks content={content} height={CHART_HEIGHT - PLOT.top - PLOT.bottom} />}
      <ChartKeys ref={keys} title={title} plotRef={plotRef} data={data} content={{ metrics, kind, ...content }} />
    </div>
  );
}
