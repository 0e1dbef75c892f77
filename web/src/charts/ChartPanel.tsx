// A chart with its title and, for each metric, the latest value and the extremes.
import { useMemo } from 'react';
import type { History, ResourceKind } from '~/api/types';
import { metricLabel, metricUnit } from '~/format/metrics';
import { formatValue } from '~/format/units';
import { Chart } from './Chart';
import type { ChartEvent } from './events';
import type { ChartGroup } from './groups';
import { SERIES_TOKENS } from './palette';
import { chartData, digest, knownGaps } from './shape';
import classes from './Chart.module.css';

const MS = 1000;

type Props = {
  group: ChartGroup;
  kind: ResourceKind;
  history: History;
  events: readonly ChartEvent[];
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
};

export function ChartPanel({ group, kind, history, events, onZoom, onReset }: Props) {
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
  const legend = group.metrics.map(metric => {
    const { latest, least, greatest } = digest(history, metric);
    const write = (value: number | null) => (value === null ? 'not recorded' : formatValue(metricUnit(metric), value));
    const extremes = least === null ? '' : `, ${write(least)} to ${write(greatest)}`;
    return { metric, label: metricLabel(metric, kind), latest: write(latest), extremes };
  });
  const summary = legend.map(({ label, latest, extremes }) => `${label} ${latest}${extremes}`).join('; ');
  return (
    <section className={classes.panel} aria-label={group.title}>
      <header className={classes.head}>
        <h3>{group.title}</h3>
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
      </header>
      <Chart
        group={group}
        kind={kind}
        data={data}
        content={content}
        summary={summary}
        onZoom={onZoom}
        onReset={onReset}
      />
    </section>
  );
}
