// The start page: how the estate is, what is wrong, and what cannot be seen of it.
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { connectionsQuery, overviewQuery } from '~/api/queries';
import type { Overview } from '~/api/types';
import { Notice } from '~/components/Notice';
import { ProblemNotice } from '~/components/ProblemNotice';
import { formatTime } from '~/format/time';
import { isFailing } from '../connections/isFailing';
import { BlindnessPanel } from './BlindnessPanel';
import { Consumers } from './Consumers';
import { Health } from './Health';
import { KindsPanel } from './KindsPanel';
import { RecentChanges } from './RecentChanges';
import { StoragePanel } from './StoragePanel';
import { WorstPanel } from './WorstPanel';
import classes from './Overview.module.css';

/** As often as the overview itself. */
const ASK_EVERY_MS = 10_000;

export function OverviewPage() {
  const { data, error, isError, dataUpdatedAt, refetch } = useQuery(overviewQuery);
  return (
    <div className={classes.page}>
      <h1>Overview</h1>
      {data && isError && (
        <Notice kind="stale" compact title="This page is out of date">
          The server did not answer; it is from {formatTime(dataUpdatedAt)}. It is asked again every 10 s.
        </Notice>
      )}
      {!data && isError && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !isError && <Loading />}
      {data && (data.total === 0 ? <Nothing /> : <Panels overview={data} />)}
    </div>
  );
}

function Panels({ overview }: { overview: Overview }) {
  const { data: connections = [] } = useQuery({ ...connectionsQuery, refetchInterval: ASK_EVERY_MS });
  const failing = connections.filter(isFailing);
  return (
    <>
      <Health overview={overview} failing={failing.length} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <WorstPanel overview={overview} />
          <Consumers />
          <RecentChanges />
        </div>
        <div className={classes.column}>
          <BlindnessPanel blindness={overview.blindness} failing={failing} />
          <StoragePanel fullest={overview.fullest ?? null} />
          <KindsPanel kinds={overview.kinds} />
        </div>
      </div>
    </>
  );
}

function Loading() {
  return (
    <div className={classes.loading} role="status" aria-label="Loading the overview">
      <Skeleton height={72} />
      <Skeleton height={180} />
      <Skeleton height={180} />
    </div>
  );
}

function Nothing() {
  return (
    <Notice kind="empty" title="Nothing is known yet" action={<Link to="/system">Look at the sources</Link>}>
      <p>Hosts, workloads and storage appear here as soon as a source reports them.</p>
      <p>This server watches its own machine, which shows up within ten seconds of the start.</p>
    </Notice>
  );
}
