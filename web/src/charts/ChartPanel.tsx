// A chart with its title and, for each metric, the latest value and the extremes. Takes up new data only while it is on
// the screen.
import { Skeleton } from '@mantine/core';
import {
  memo,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  type ComponentProps,
  type ReactNode,
  type RefObject,
} from 'react';
import type { ResourceKind } from '~/api/types';
import { downloadBlob, downloadText, fileName } from '~/files/download';
import { metricLabel, metricUnit } from '~/format/metrics';
import { formatValue } from '~/format/units';
import { GAP_REASON } from '~/strings/labels';
import { Chart, CHART_HEIGHT } from './Chart';
import { ChartMenu } from './ChartMenu';
import { clusterEvents } from './clusters';
import type { ChartEvent } from './events';
import type { ChartGroup } from './groups';
import type { ChartContent } from './options';
import { SERIES_TOKENS } from './palette';
import type { Plot } from './plot';
import { chartCsv, chartPng } from './save';
import { chartData, digest, knownGaps, type ChartData, type ChartHistory } from './shape';
import { useOnScreen, useWhileOnScreen } from './useOnScreen';
import classes from './Chart.module.css';

const MS = 1000;
const PNG_MARKS_APART = 8;

type Props = {
  group: ChartGroup;
  /** What the chart is about, for the names of its files. */
  subject: string;
  kind: ResourceKind;
  history: ChartHistory;
  events: readonly ChartEvent[];
  /** Stands in for the title of the group, as a heading of the level that the page needs. */
  heading?: ReactNode;
};

export function ChartPanel({ history, events, ...rest }: Props) {
  const element = useRef<HTMLElement>(null);
  const onScreen = useOnScreen(element);
  const shownHistory = useWhileOnScreen(history, onScreen);
  const shownEvents = useWhileOnScreen(events, onScreen);
  return (
    <ChartFrame ref={element} title={rest.group.title}>
      <ChartBody {...rest} history={shownHistory} events={shownEvents} onScreen={onScreen} />
    </ChartFrame>
  );
}

export function ChartFrame({ title, ...rest }: { title: string } & ComponentProps<'section'>) {
  return <section className={classes.panel} aria-label={title} {...rest} />;
}

type BodyProps = Omit<Props, 'history'> & {
  history: ChartHistory | undefined;
  /** What to show before there is a history. */
  instead?: ReactNode;
  onScreen: boolean;
};

/** Not rendered again while nothing that it shows has changed. */
export const ChartBody = memo(function ChartBody(props: BodyProps) {
  const { group, kind, history, events, heading, instead, onScreen } = props;
  const shown = useMemo(
    () => history && { data: chartData(history, group.metrics), legend: legendOf(group, kind, history) },
    [history, group, kind],
  );
  const content = useMemo(() => history && contentOf(history, events), [history, events]);
  const plot = useRef<Plot>(null);
  const { savePng, saveCsv } = useSaving(plot, { ...props, ...shown, content });
  return (
    <>
      <header className={classes.head}>
        <div className={classes.title}>
          {heading ?? <h3>{group.title}</h3>}
          {shown && <Legend lines={shown.legend} />}
        </div>
        {shown && <ChartMenu title={group.title} onPng={savePng} onCsv={saveCsv} />}
      </header>
      {shown && content ? (
        <Chart
          group={group}
          kind={kind}
          data={shown.data}
          content={content}
          summary={shown.legend.map(({ text }) => text).join('; ')}
          empty={shown.legend.every(({ recorded }) => !recorded) ? emptyText(content) : null}
          onScreen={onScreen}
          plotRef={plot}
        />
      ) : (
        (instead ?? <Skeleton height={CHART_HEIGHT} animate={onScreen} />)
      )}
    </>
  );
});

function Legend({ lines }: { lines: readonly LegendLine[] }) {
  return (
    <ul className={classes.legend}>
      {lines.map(({ metric, label, latest, extremes }, index) => (
        <li key={metric}>
          <span
            className={classes.key}
            style={{ background: `var(${SERIES_TOKENS[index % SERIES_TOKENS.length] ?? ''})` }}
          />
          {label} <b>{latest}</b>
          {extremes}
        </li>
      ))}
    </ul>
  );
}

type Saved = Pick<Props, 'group' | 'subject'> & {
  data?: ChartData;
  legend?: readonly LegendLine[];
  content: ChartContent | undefined;
};

/** Actions that stay the same and save what is shown when they are called. */
function useSaving(plot: RefObject<Plot | null>, shown: Saved) {
  const newest = useRef(shown);
  // An effect, so that what is saved is what is shown.
  useEffect(() => {
    newest.current = shown;
  });
  const savePng = useCallback(() => {
    const { subject, group, legend = [], content } = newest.current;
    if (!plot.current || !content) return;
    const clusters = clusterEvents(content.events, content, plot.current.plotWidth, PNG_MARKS_APART);
    const title = subject === group.title ? subject : `${subject}: ${group.title}`;
    const { canvas } = plot.current.chart.ctx;
    void chartPng({ canvas, title, legend: legend.map(({ text }) => text), clusters }).then(blob => {
      downloadBlob(fileName([subject, group.title], 'png'), blob);
    });
  }, [plot]);
  const saveCsv = useCallback(() => {
    const { subject, group, data } = newest.current;
    if (data) downloadText(fileName([subject, group.title], 'csv'), 'text/csv', chartCsv(data, group.metrics));
  }, []);
  return { savePng, saveCsv };
}

function contentOf(history: ChartHistory, events: readonly ChartEvent[]): ChartContent {
  return {
    from: Date.parse(history.from),
    to: Date.parse(history.to),
    stepMillis: history.stepSeconds * MS,
    gaps: knownGaps(history),
    events,
  };
}

type LegendLine = ReturnType<typeof legendOf>[number];

function legendOf(group: ChartGroup, kind: ResourceKind, history: ChartHistory) {
  return group.metrics.map(metric => {
    const { latest, least, greatest } = digest(history, metric);
    const write = (value: number | null) => (value === null ? 'not recorded' : formatValue(metricUnit(metric), value));
    const extremes = least === null ? '' : `, ${write(least)} to ${write(greatest)}`;
    const label = metricLabel(metric, kind);
    return {
      metric,
      label,
      latest: write(latest),
      extremes,
      recorded: latest !== null,
      text: `${label} ${write(latest)}${extremes}`,
    };
  });
}

/** Why a chart is empty, where one reason is known for all of it. */
function emptyText({ from, to, gaps }: ChartContent): string {
  const whole = gaps.find(gap => gap.from <= from && gap.to >= to);
  return whole ? `${GAP_REASON[whole.reason]} in this span` : 'Nothing was recorded in this span';
}
