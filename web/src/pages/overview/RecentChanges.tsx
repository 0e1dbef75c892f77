// What happened last, with the way to everything that did.
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { latestChangesQuery } from '~/api/queries';
import { Age } from '~/components/Age';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { useResources } from '~/live/LiveContext';
import { describeChange } from '~/strings/changes';
import classes from './Overview.module.css';

const MOST = 8;

export function RecentChanges() {
  const { data: changes, error, isError, refetch } = useQuery(latestChangesQuery(MOST));
  const resources = useResources();
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
