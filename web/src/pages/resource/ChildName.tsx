// The name of a part, leading to its page; with the age of everything in its row once that is stale.
import { Link } from '@tanstack/react-router';
import type { Resource } from '~/api/types';
import { Age } from '~/components/Age';
import { isStale } from '~/components/stale';
import { useNow } from '~/time/useNow';
import classes from './ResourceView.module.css';

const NOW_GRAIN_MS = 10_000;

export function ChildName({ resource, lastSeen }: { resource: Resource; lastSeen: number | null }) {
  const stale = isStale(resource, lastSeen, useNow(NOW_GRAIN_MS));
  return (
    <>
      <Link to="/resources/$id" params={{ id: resource.id }}>
        {resource.canonicalIdentity.displayName}
      </Link>
      {stale && (
        <div className={classes.stale}>
          seen <Age time={lastSeen} />
        </div>
      )}
    </>
  );
}
