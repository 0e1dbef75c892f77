// A chart with its title and, for each metric, the latest value and the extremes. Takes up new data only while it is on
// the screen.
import { memo, useCallback, useEffect, useMemo, useRef, type ComponentProps, type ReactNode } from 'react';
import type { ResourceKind } from '~/api/types';
import { downloadBlob, downloadText, fileName } from '~/files/download';
import { metricLabel, metricUnit } from '~/format/metrics';
import { formatValue } from '~/format/units';
import { GAP_REASON } from '~/strings/labels';
import { Chart } from './Chart';
import { ChartMenu } from './ChartMenu';
import { clusterEvents } from './clusters';
import type { ChartEvent } from './events';
import type { ChartGroup } from './groups';
import { SERIES_TOKENS } from './palette';
import type { Plot } from './plot';
import { chartCsv, chartPng } from './save';
import { chartData, digest, knownGaps, type ChartHistory } from './shape';
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

/** Not rendered again while nothing that it shows has changed. */
export const ChartBody = memo(function ChartBody(props: Props & { onScreen: boolean }) {
  const { group, kind, history, events, heading, onScreen } = props;
  const data = useMemo(() => chartData(history, group.metrics), [history, group.metrics]);
  const content = useMemo(
    () => ({
      from: Date.parse(history.from),
      to: Date.parse(history.to),
      stepMillis: history.stepSeconds * MS,
      gaps: knownGaps(history),
      events,
    }),
    [history, events],
  );
  const legend = useMemo(() => legendOf(group, kind, history), [group, kind, history]);
  const plot = useRef<Plot>(null);
  const newest = useRef({ ...props, data, content, legend });
  // An effect, so that what is saved is what is shown and the actions stay the same.
  useEffect(() => {
    newest.current = { ...props, data, content, legend };
  });
  const savePng = useCallback(() => {
    const chart = plot.current?.chart;
    if (!chart) return;
    const { subject, group: saved, legend: lines, content: shown } = newest.current;
    const clusters = clusterEvents(shown.events, shown, chart.over.clientWidth, PNG_MARKS_APART);
    const title = subject === saved.title ? subject : `${subject}: ${saved.title}`;
    const picture = { canvas: chart.ctx.canvas, title, legend: lines.map(({ text }) => text), clusters };
    void chartPng(picture).then(blob => {
      downloadBlob(fileName([subject, saved.title], 'png'), blob);
    });
  }, []);
  const saveCsv = useCallback(() => {
    const { subject, group: saved, data: points } = newest.current;
    downloadText(fileName([subject, saved.title], 'csv'), 'text/csv', chartCsv(points, saved.metrics));
  }, []);
  return (
    <>
      <header className={classes.head}>
        <div className={classes.title}>
          {heading ?? <h3>{group.title}</h3>}
          <ul className={classes.legend}>
            {legend.map(({ metric, label, latest, extremes }, index) => (
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
        </div>
        <ChartMenu title={group.title} onPng={savePng} onCsv={saveCsv} />
      </header>
      <Chart
        group={group}
        kind={kind}
        data={data}
        content={content}
        summary={legend.map(({ text }) => text).join('; ')}
        empty={legend.every(({ recorded }) => !recorded) ? emptyText(content) : null}
        onScreen={onScreen}
        plotRef={plot}
      />
    </>
  );
});

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
function emptyText({ from, to, gaps }: { from: number; to: number; gaps: ReturnType<typeof knownGaps> }): string {
  const whole = gaps.find(gap => gap.from <= from && gap.to >= to);
  return whole ? `${GAP_REASON[whole.reason]} in this span` : 'Nothing was recorded in this span';
}
