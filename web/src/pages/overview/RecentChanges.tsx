// What happened last, with the way to everything that did.
import { Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { timelineQuery } from '~/api/queries';
import { Age } from '~/components/Age';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { useResources } from '~/live/LiveContext';
import { describeChange } from '~/strings/changes';
import classes from './Overview.module.css';

const MOST = 8;
const REFRESH_MS = 10_000;

export function RecentChanges() {
  const { data, error, isError, refetch } = useInfiniteQuery({
    ...timelineQuery(null, []),
    refetchInterval: REFRESH_MS,
  });
  const resources = useResources();
  const changes = data?.pages[0]?.items.slice(0, MOST);
  return (
    <Panel title="What happened last" aside={<Link to="/timeline">Timeline</Link>} flush>
      {changes?.length === 0 && <p className={classes.none}>Nothing has happened yet.</p>}
      {!changes && isError && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!changes && !isError && <Skeleton height={150} m={12} role="status" aria-label="Loading what happened" />}
      <ul className={classes.list}>
        {changes?.map(change => (
          <li key={change.id} className={classes.line}>
            <span className={classes.what}>
              <Link to="/resources/$id" params={{ id: change.resourceId }}>
                {resources?.get(change.resourceId)?.canonicalIdentity.displayName ?? change.resourceId}
              </Link>{' '}
              <span className="dim">{describeChange(change)}</span>
            </span>
            <span className={classes.when}>
              <Age time={Date.parse(change.occurredAt ?? change.observedAt)} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
