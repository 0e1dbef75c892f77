// One resource: found live, or asked for where the live picture does not have it.
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import { resourceQuery } from '~/api/queries';
import type { ResourceId } from '~/api/types';
import { ProblemNotice } from '~/components/ProblemNotice';
import { useLiveStatus, useResource, useResources } from '~/live/LiveContext';
import { ResourceView } from './ResourceView';
import classes from './ResourceView.module.css';

const route = getRouteApi('/app/resources/$id');

export function ResourcePage() {
  const { id } = route.useParams();
  const resource = useResource(id);
  const loaded = useResources() !== undefined;
  const connecting = useLiveStatus().phase === 'connecting';
  if (resource) return <ResourceView key={id} resource={resource} />;
  return connecting && !loaded ? <LoadingResource /> : <UnlistedResource id={id} />;
}

/** Former ids still lead to the resource; unknown ones to the server's answer about them. */
function UnlistedResource({ id }: { id: ResourceId }) {
  const { data, error, refetch } = useQuery(resourceQuery(id));
  if (error) return <ProblemNotice page error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingResource />;
  if (data.id !== id) return <Navigate to="/resources/$id" params={{ id: data.id }} replace />;
  return <ResourceView resource={data} />;
}

function LoadingResource() {
  return (
    <div className={classes.page} role="status" aria-label="Loading the resource">
      <Skeleton height={28} width={260} />
      <Skeleton height={220} />
      <Skeleton height={220} />
    </div>
  );
}
