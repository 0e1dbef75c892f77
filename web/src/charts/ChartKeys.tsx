// The crosshair of a chart for the keyboard and for screen readers: a slider over the points, which says what stands at
// each of them.
import { useRef, useState, type FocusEvent, type KeyboardEvent, type Ref, type RefObject } from 'react';
import { useChartPage } from './ChartPage';
import { clusterEvents, MARKS_APART, nextCluster } from './clusters';
import { chartAction, movedIndex, type ChartAction } from './keys';
import type { Plot } from './plot';
import type { ChartData } from './shape';
import { tooltipLines, type TooltipContent } from './tooltip';
import { scaled, shifted, type Bounds } from './window';
import { useSmallScreen } from '~/theme/useSmallScreen';
import { clock } from '~/time/clock';
import classes from './Chart.module.css';

type Props = {
  ref: Ref<HTMLDivElement>;
  title: string;
  plotRef: RefObject<Plot | null>;
  data: ChartData;
  content: TooltipContent & Bounds;
};

const UNMOVED = 'No point chosen. The arrow keys choose one, with Shift a stretch; Enter zooms to it.';

export function ChartKeys({ ref, title, plotRef, data, content }: Props) {
  const { crosshair, steering } = useChartPage();
  const [said, setSaid] = useState<{ at: number; text: string } | null>(null);
  const anchor = useRef<number | null>(null);
  const apart = MARKS_APART[useSmallScreen() ? 'small' : 'large'];
  const clusters = () => clusterEvents(content.events, content, plotRef.current?.plotWidth ?? 0, apart);

  const goTo = (at: number, text: string) => {
    if (plotRef.current) crosshair.moveTo(Math.max(content.from, Math.min(content.to, at)), plotRef.current);
    setSaid({ at, text });
  };
  const goToPoint = (index: number, selecting: boolean) => {
    const at = data[0][index];
    if (at === undefined) return;
    anchor.current = selecting ? (anchor.current ?? crosshair.time ?? at) : null;
    if (anchor.current === null) crosshair.dropSelection();
    else crosshair.select(anchor.current, at);
    goTo(at, tooltipLines(data, index, content, true).join('. '));
  };
  const goToEvent = (direction: 1 | -1) => {
    const cluster = nextCluster(clusters(), crosshair.time, direction);
    if (cluster) goTo(cluster.at, cluster.events.map(event => event.text).join('. '));
  };
  const clear = () => {
    anchor.current = null;
    crosshair.clear();
    setSaid(null);
  };
  const enter = () => {
    const { selection, time } = crosshair;
    const event = clusters().find(({ at }) => at === time)?.events[0];
    if (selection) steering.onZoom(selection.from, selection.to);
    else if (event) steering.onEvent?.(event.id);
    if (selection) clear();
  };
  const perform = (action: ChartAction) => {
    const { length } = data[0];
    switch (action.type) {
      case 'move':
        goToPoint(movedIndex(plotRef.current?.chart.cursor.idx ?? null, action.points, length), action.selecting);
        return;
      case 'edge':
        goToPoint(action.end === 'first' ? 0 : length - 1, action.selecting);
        return;
      case 'event':
        goToEvent(action.direction);
        return;
      case 'enter':
        enter();
        return;
      case 'clear':
        clear();
        return;
      case 'zoom':
        steering.onMove(shown => scaled(shown, action.factor, crosshair.time ?? undefined));
        return;
      case 'pan':
        steering.onMove(shown => shifted(shown, action.share, clock.now()));
        return;
      case 'reset':
        steering.onReset();
        return;
    }
  };
  return (
    <div
      ref={ref}
      role="slider"
      tabIndex={0}
      className={classes.keys}
      aria-label={`${title}: point below the crosshair`}
      aria-valuemin={content.from}
      aria-valuemax={content.to}
      aria-valuenow={said?.at ?? content.to}
      aria-valuetext={said?.text ?? UNMOVED}
      onKeyDown={(event: KeyboardEvent) => {
        const action = chartAction(event);
        if (action === null) return;
        event.preventDefault();
        perform(action);
      }}
      onBlur={(event: FocusEvent) => {
        // What zooms around the crosshair needs it.
        if (!event.relatedTarget?.closest('[data-steers-charts]')) clear();
      }}
    />
  );
}
