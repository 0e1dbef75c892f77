// The pools that lie on a disk, each leading to its page.
import { Link } from '@tanstack/react-router';
import type { Resource } from '~/api/types';
import { StatusMark } from '~/components/StatusMark';
import { useResources } from '~/live/LiveContext';
import { poolsOn } from './pools';
import classes from './ResourceView.module.css';

export function PoolLinks({ disk, device }: { disk: Resource; device: string }) {
  const resources = useResources();
  const pools = poolsOn(disk, device, resources?.values() ?? []);
  if (pools.length === 0) return <p className={classes.note}>None that a source has told of.</p>;
  return (
    <ul className={classes.plain}>
      {pools.map(({ id, canonicalIdentity, status }) => (
        <li key={id}>
          <Link to="/resources/$id" params={{ id }}>
            {canonicalIdentity.displayName}
          </Link>{' '}
          <StatusMark status={status} />
        </li>
      ))}
    </ul>
  );
}
