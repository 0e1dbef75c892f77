// All charts of a resource over one span of time, from one request. Loaded only when somebody looks at a resource.
import { Skeleton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { historyQuery } from '~/api/queries';
import type { Metric, Resource, ResourceChange } from '~/api/types';
import { Notice } from '~/components/Notice';
import { ProblemNotice } from '~/components/ProblemNotice';
import { SMALL_SCREEN } from '~/theme/screens';
import { useLiveStatus } from '~/live/LiveContext';
import { ChartPanel } from './ChartPanel';
import { chartEvents } from './events';
import { chartGroups } from './groups';
import { ResolutionBadge } from './ResolutionBadge';
import { toSpan, type ChartWindow } from './window';
import classes from './Chart.module.css';

/** About one for each pixel or two of a chart. */
const POINTS = { large: 400, small: 160 };
const SWEEP_MS = 10_000;
const SLOWEST_MS = 60_000;
const MS = 1000;

type Props = {
  resource: Resource;
  metrics: ReadonlySet<Metric>;
  window: ChartWindow;
  changes: readonly ResourceChange[];
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
};

export function ChartGrid({ resource, metrics, window, changes, onZoom, onReset }: Props) {
  const groups = useMemo(() => chartGroups(resource.kind, metrics), [resource.kind, metrics]);
  const wanted = groups.flatMap(group => group.metrics);
  const small = useMediaQuery(SMALL_SCREEN, undefined, { getInitialValueInEffect: false });
  const follows = useLiveStatus().phase !== 'paused' && window.type === 'range';
  const history = useQuery({
    ...historyQuery(resource.metricsTarget.resourceId, wanted, toSpan(window), small ? POINTS.small : POINTS.large),
    enabled: wanted.length > 0,
    placeholderData: keepPreviousData,
    // The tail moves on with each new point.
    refetchInterval: ({ state }) =>
      follows && Math.min(SLOWEST_MS, Math.max(SWEEP_MS, (state.data?.stepSeconds ?? 0) * MS)),
  });
  const { data } = history;
  const events = useMemo(
    () => (data ? chartEvents(changes, Date.parse(data.from), Date.parse(data.to)) : []),
    [changes, data],
  );
  if (wanted.length === 0) {
    return (
      <Notice kind="empty" compact title="Nothing is measured here">
        Its sources report facts about it, but no values over time.
      </Notice>
    );
  }
  if (!data) {
    if (history.isError) return <ProblemNotice error={history.error} onRetry={() => void history.refetch()} />;
    return <LoadingCharts count={groups.length} />;
  }
  return (
    <>
      <ResolutionBadge history={data} failed={history.isError} />
      <div className={classes.grid}>
        {groups.map(group => (
          <ChartPanel
            key={group.id}
            group={group}
            kind={resource.kind}
            history={data}
            events={events}
            onZoom={onZoom}
            onReset={onReset}
          />
        ))}
      </div>
    </>
  );
}

function LoadingCharts({ count }: { count: number }) {
  return (
    <div className={classes.grid} role="status" aria-label="Loading the charts">
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} height={206} />
      ))}
    </div>
  );
}
