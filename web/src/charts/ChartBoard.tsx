// One chart for each of many resources. While they follow the present, all of them come in one request; a stretch of the
// past is read for each chart that is on the screen, with its band.
import { Skeleton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { createContext, use, useMemo, useRef, type ReactNode, type Ref } from 'react';
import { boardQuery } from '~/api/queries';
import type { Resource, ResourceId } from '~/api/types';
import { ProblemNotice } from '~/components/ProblemNotice';
import { formatClock, formatStep } from '~/format/time';
import { useLiveStatus } from '~/live/LiveContext';
import { boardHistories } from './board';
import { ChartPage, type Steering } from './ChartPage';
import { ChartBody, ChartFrame } from './ChartPanel';
import type { ChartEvent } from './events';
import type { ChartGroup } from './groups';
import { historyQuery } from './historyQuery';
import { refreshMillis } from './refresh';
import type { ChartHistory } from './shape';
import { useOnScreen, useWhileOnScreen } from './useOnScreen';
import type { ChartWindow } from './window';
import classes from './Chart.module.css';

const POINTS = 200;
const LOADING_HEIGHT = 178;
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

/** Read only by charts on the screen, so that a sweep renders no others. */
const Histories = createContext<ReadonlyMap<ResourceId, ChartHistory> | undefined>(undefined);

function FollowingCharts({ resources, group, range }: FollowingProps) {
  const ids = useMemo(() => resources.map(({ id }) => id), [resources]);
  const follows = useLiveStatus().phase !== 'paused';
  const board = useQuery({
    ...boardQuery(ids, group.metrics, range, POINTS),
    refetchInterval: ({ state }) => follows && refreshMillis(state.data?.stepSeconds),
  });
  const { data } = board;
  const histories = useMemo(() => data && boardHistories(data, ids, group.metrics), [data, ids, group.metrics]);
  const charts = useMemo(() => {
    const averages = { ...group, banded: false };
    return resources.map(resource => <FollowingChart key={resource.id} resource={resource} group={averages} />);
  }, [resources, group]);
  if (!data && board.isError) return <ProblemNotice error={board.error} onRetry={() => void board.refetch()} />;
  return (
    <Histories value={histories}>
      {data && (
        <p className={classes.about}>
          {`Averages over ${formatStep(data.stepSeconds)}, up to ${formatClock(board.dataUpdatedAt)}. `}
          {board.isError && <span role="status">They could not be brought up to date; trying again.</span>}
        </p>
      )}
      <div className={classes.grid}>{charts}</div>
    </Histories>
  );
}

type OneProps = Pick<Props, 'group'> & { resource: Resource };

function FollowingChart({ resource, group }: OneProps) {
  const element = useRef<HTMLElement>(null);
  const onScreen = useOnScreen(element);
  const newest = onScreen ? use(Histories)?.get(resource.id) : undefined;
  const history = useWhileOnScreen(newest, newest !== undefined);
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
    <OneChart ref={element} resource={resource} group={group} history={data} onScreen={onScreen}>
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
    </OneChart>
  );
}

type ShownProps = OneProps & {
  ref: Ref<HTMLElement>;
  history: ChartHistory | undefined;
  onScreen: boolean;
  /** What to show where there is no history. */
  children?: ReactNode;
};

function OneChart({ ref, resource, group, history, onScreen, children }: ShownProps) {
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
      {history && (
        <ChartBody
          group={named}
          heading={heading}
          subject={displayName}
          kind={resource.kind}
          history={history}
          events={NO_EVENTS}
          onScreen={onScreen}
        />
      )}
      {!history && (children ?? <LoadingChart heading={heading} />)}
    </ChartFrame>
  );
}

function LoadingChart({ heading }: { heading: ReactNode }) {
  return (
    <>
      <header className={classes.head}>{heading}</header>
      <Skeleton height={LOADING_HEIGHT} />
    </>
  );
}
