// All charts of a resource over one span of time, from one request. Loaded only when somebody looks at a resource.
import { Skeleton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { eventsQuery } from '~/api/queries';
import type { Metric, Resource } from '~/api/types';
import { Notice } from '~/components/Notice';
import { ProblemNotice } from '~/components/ProblemNotice';
import { MILLISECONDS } from '~/format/time';
import { useLiveStatus } from '~/live/LiveContext';
import { useSmallScreen } from '~/theme/useSmallScreen';
import { useNow } from '~/time/useNow';
import { ChartPage, type Steering } from './ChartPage';
import { ChartPanel } from './ChartPanel';
import { chartEvents, type ChartEvent } from './events';
import { chartGroups } from './groups';
import { historyQuery } from './historyQuery';
import { refreshMillis } from './refresh';
import { ResolutionBadge } from './ResolutionBadge';
import { bounds, isoSeconds, type ChartWindow } from './window';
import classes from './Chart.module.css';

/** About one for each pixel or two of a chart. */
const POINTS = { large: 400, small: 160 };
const NO_EVENTS: readonly ChartEvent[] = [];

type Props = {
  resource: Resource;
  metrics: ReadonlySet<Metric>;
  window: ChartWindow;
  steering: Steering;
};

export function ChartGrid({ resource, metrics, window, steering }: Props) {
  const groups = useMemo(() => chartGroups(resource.kind, metrics), [resource.kind, metrics]);
  const wanted = groups.flatMap(group => group.metrics);
  const small = useSmallScreen();
  const follows = useLiveStatus().phase !== 'paused' && window.type === 'following';
  const question = {
    resource: resource.metricsTarget.resourceId,
    metrics: wanted,
    points: small ? POINTS.small : POINTS.large,
  };
  const history = useQuery({
    ...historyQuery(question, window),
    enabled: wanted.length > 0,
    placeholderData: keepPreviousData,
    // The tail moves on with each new point.
    refetchInterval: ({ state }) => follows && refreshMillis(state.data?.history.stepSeconds),
  });
  const events = useEvents(resource, window);
  const { data } = history;
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
    <ChartPage steering={steering}>
      <ResolutionBadge history={data} window={window} failed={history.isError} />
      <div className={classes.grid}>
        {groups.map(group => (
          <ChartPanel
            key={group.id}
            group={group}
            subject={resource.canonicalIdentity.displayName}
            kind={resource.kind}
            history={data}
            events={events}
          />
        ))}
      </div>
    </ChartPage>
  );
}

/** What happened in the span, read again with each minute while it follows. */
function useEvents(resource: Resource, window: ChartWindow): readonly ChartEvent[] {
  const minute = useNow(MILLISECONDS.MINUTE);
  const since = isoSeconds(bounds(window, minute).from);
  const { data } = useQuery(eventsQuery(resource.id, since));
  return useMemo(() => (data ? chartEvents(data) : NO_EVENTS), [data]);
}

function LoadingCharts({ count }: { count: number }) {
  return (
    <div className={classes.grid} role="status" aria-label="Loading the charts">
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} height={216} />
      ))}
    </div>
  );
}
