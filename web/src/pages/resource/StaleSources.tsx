// Says which sources have fallen silent, since when, and what that means for what is shown.
import { Link } from '@tanstack/react-router';
import type { Resource } from '~/api/types';
import { Age } from '~/components/Age';
import { Notice } from '~/components/Notice';
import { useSourceName } from '~/components/sourceNames';
import { FRESHNESS } from '~/strings/labels';

export function StaleSources({ resource, lastSeen }: { resource: Resource; lastSeen: number | null }) {
  const nameOf = useSourceName();
  const silent = resource.sources.filter(({ status }) => status !== 'online');
  if (silent.length === 0) return null;
  const all = silent.length === resource.sources.length;
  const names = silent.map(({ source, status }) => `${nameOf(source)} (${FRESHNESS[status].toLowerCase()})`).join(', ');
  const title = all ? 'Nobody has reported this recently' : 'One part of the picture is out of date';
  return (
    <Notice
      kind={all ? 'stale' : 'partial'}
      compact
      title={title}
      action={<Link to="/system">Look at the sources</Link>}
    >
      Not current: {names}.{' '}
      {all && (
        <>
          Last seen <Age time={lastSeen} />.{' '}
        </>
      )}
      What stands here is what was last known.
    </Notice>
  );
}
