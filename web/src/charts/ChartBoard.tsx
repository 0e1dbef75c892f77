// One chart for each of many resources. While they follow the present, all of them come in one request; a stretch of the
// past is read for each chart that is on the screen, with its band.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode, type Ref } from 'react';
import { boardQuery } from '~/api/queries';
import type { Resource } from '~/api/types';
import { ProblemNotice } from '~/components/ProblemNotice';
import { formatClock, formatStep } from '~/format/time';
import { useLiveStatus } from '~/live/LiveContext';
import { ArchiveFailure } from './ArchiveFailure';
import { boardHistories } from './board';
import { BoardFeed } from './boardFeed';
import { ChartPage, type Steering } from './ChartPage';
import { ChartBody, ChartFrame } from './ChartPanel';
import type { ChartEvent } from './events';
import type { ChartGroup } from './groups';
import { historyQuery } from './historyQuery';
import { refreshMillis } from './refresh';
import type { ChartHistory } from './shape';
import { useOnScreen } from './useOnScreen';
import type { ChartWindow } from './window';
import classes from './Chart.module.css';

const POINTS = 200;
const NO_EVENTS: readonly ChartEvent[] = [];

type Props = { resources: readonly Resource[]; group: ChartGroup; window: ChartWindow; steering: Steering };

export function ChartBoard({ resources, group, window, steering }: Props) {
  return (
    <ChartPage steering={steering}>
      {window.type === 'following' ? (
        <FollowingCharts resources={resources} group={group} range={window.range} />
      ) : (
        <div className={classes.grid}>
          {resources.map(resource => (
            <PastChart key={resource.id} resource={resource} group={group} window={window} />
          ))}
        </div>
      )}
    </ChartPage>
  );
}

type FollowingProps = Pick<Props, 'resources' | 'group'> & { range: string };

function FollowingCharts({ resources, group, range }: FollowingProps) {
  const ids = useMemo(() => resources.map(({ id }) => id), [resources]);
  const follows = useLiveStatus().phase !== 'paused';
  const board = useQuery({
    ...boardQuery(ids, group.metrics, range, POINTS),
    refetchInterval: ({ state }) => follows && refreshMillis(state.data?.stepSeconds),
  });
  const { data, isPlaceholderData } = board;
  const [feed] = useState(() => new BoardFeed());
  // An effect, because the charts are not rendered with this component.
  useLayoutEffect(() => {
    // The answer to the question before says nothing of a resource that has joined since: its chart waits.
    if (data && !isPlaceholderData) feed.publish(boardHistories(data, ids, group.metrics));
  }, [feed, data, isPlaceholderData, ids, group.metrics]);
  const charts = useMemo(() => {
    const averages = { ...group, banded: false };
    return resources.map(resource => (
      <FollowingChart key={resource.id} resource={resource} group={averages} feed={feed} />
    ));
  }, [resources, group, feed]);
  if (!data && board.isError) return <ProblemNotice error={board.error} onRetry={() => void board.refetch()} />;
  return (
    <>
      {data && (
        <p className={classes.about}>
          {`Averages over ${formatStep(data.stepSeconds)}, up to ${formatClock(board.dataUpdatedAt)}. `}
          <ArchiveFailure error={data.archiveError} />
          {board.isError && <span role="status">They could not be brought up to date; trying again.</span>}
        </p>
      )}
      <div className={classes.grid}>{charts}</div>
    </>
  );
}

type OneProps = Pick<Props, 'group'> & { resource: Resource };

function FollowingChart({ resource, group, feed }: OneProps & { feed: BoardFeed }) {
  const element = useRef<HTMLElement>(null);
  const onScreen = useOnScreen(element);
  const view = useMemo(() => feed.viewOf(resource.id), [feed, resource.id]);
  const history = useSyncExternalStore(feed.subscribe, () => view(onScreen));
  return <OneChart ref={element} resource={resource} group={group} history={history} onScreen={onScreen} />;
}

function PastChart({ resource, group, window }: OneProps & Pick<Props, 'window'>) {
  const element = useRef<HTMLElement>(null);
  const onScreen = useOnScreen(element);
  const question = { resource: resource.metricsTarget.resourceId, metrics: group.metrics, points: POINTS };
  const { data, error, refetch } = useQuery({
    ...historyQuery(question, window),
    enabled: onScreen,
    placeholderData: keepPreviousData,
  });
  return (
    <OneChart
      ref={element}
      resource={resource}
      group={group}
      history={data}
      onScreen={onScreen}
      instead={error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
    />
  );
}

type ShownProps = OneProps & {
  ref: Ref<HTMLElement>;
  history: ChartHistory | undefined;
  onScreen: boolean;
  /** What to show where there is no history. */
  instead?: ReactNode;
};

function OneChart({ ref, resource, group, ...shown }: ShownProps) {
  const { displayName } = resource.canonicalIdentity;
  const named = useMemo(() => ({ ...group, title: `${displayName}: ${group.title}` }), [group, displayName]);
  const heading = useMemo(
    () => (
      <h2>
        <Link to="/resources/$id" params={{ id: resource.id }}>
          {displayName}
        </Link>
      </h2>
    ),
    [resource.id, displayName],
  );
  return (
    <ChartFrame ref={ref} title={named.title}>
      <ChartBody
        {...shown}
        group={named}
        heading={heading}
        subject={displayName}
        kind={resource.kind}
        events={NO_EVENTS}
      />
    </ChartFrame>
  );
}
