// Who uses most over the last hour, by one metric at a time.
import { NativeSelect, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { summaryQuery } from '~/api/queries';
import type { Metric, MetricsSummary, ResourceKind } from '~/api/types';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { Share } from '~/components/Share';
import { metricLabel } from '~/format/metrics';
import { formatAge, MILLISECONDS } from '~/format/time';
import { formatValue } from '~/format/units';
import { KIND } from '~/strings/labels';
import { useNow } from '~/time/useNow';
import classes from './Overview.module.css';

const METRICS: readonly Metric[] = ['cpu', 'memory', 'netin', 'netout', 'diskread', 'diskwrite'];
/** What runs, and what it runs on: their disks and interfaces would be counted twice. */
const KINDS: readonly ResourceKind[] = ['agent', 'vm', 'system-container', 'app-container', 'pod'];
const MOST = 6;
const PERCENT_TOP = 100;
/** Twice as long as it takes until it is asked for again. */
const OLD_MS = 2 * MILLISECONDS.MINUTE;
const NOW_GRAIN_MS = 10 * MILLISECONDS.SECOND;

export function Consumers() {
  const [metric, setMetric] = useState<Metric>('cpu');
  const { data, error, isError, refetch } = useQuery(summaryQuery(metric, KINDS, MOST));
  const choice = (
    <NativeSelect
      size="xs"
      aria-label="By which metric"
      className={classes.choice}
      value={metric}
      data={METRICS.map(each => ({ value: each, label: metricLabel(each) }))}
      onChange={event => {
        setMetric(METRICS.find(each => each === event.currentTarget.value) ?? 'cpu');
      }}
    />
  );
  return (
    <Panel title="Who uses most" aside={choice} flush>
      {data && <Top summary={data} />}
      {!data && isError && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !isError && <Skeleton height={150} m={12} role="status" aria-label="Loading who uses most" />}
    </Panel>
  );
}

function Top({ summary: { top, unit, metric, timestamp } }: { summary: MetricsSummary }) {
  const now = useNow(NOW_GRAIN_MS);
  if (top.length === 0) {
    return <p className={classes.none}>Nothing was measured of {metricLabel(metric)} in the last hour.</p>;
  }
  const full = unit === 'percent' ? PERCENT_TOP : Math.max(...top.map(({ avg }) => avg));
  return (
    <>
      <ul className={classes.list}>
        {top.map(({ resourceId, name, kind, avg, max }) => (
          <li key={resourceId} className={classes.line}>
            <span className={classes.what}>
              <Link to="/resources/$id" params={{ id: resourceId }}>
                {name}
              </Link>{' '}
              <span className="dim">{KIND[kind].one}</span>
            </span>
            <Share share={full > 0 ? avg / full : 0} />
            <span className={classes.when} data-tip={`At most ${formatValue(unit, max)}`}>
              {formatValue(unit, avg)}
            </span>
          </li>
        ))}
      </ul>
      <p className={classes.foot}>
        Means of the last hour{now - timestamp > OLD_MS && `, as of ${formatAge(timestamp, now)}`}
      </p>
    </>
  );
}
