// A resource's name, leading to its page, with what else helps to recognise it.
import type { Resource } from '~/api/types';
import { facetOf } from '~/pages/resource/facets';
import { rowLink } from './followRowLink';
import classes from './ResourceTable.module.css';

function hint(resource: Resource): string | null {
  const filesystem = facetOf(resource, 'filesystem');
  if (filesystem) return filesystem.fsType;
  const disk = facetOf(resource, 'physicalDisk');
  if (disk) return disk.model ?? disk.transport;
  return facetOf(resource, 'networkInterface')?.addresses[0] ?? null;
}

export function NameCell({ resource }: { resource: Resource }) {
  const more = hint(resource);
  return (
    <span className={classes.name}>
      <a {...rowLink(resource.id)}>{resource.canonicalIdentity.displayName}</a>
      {more && <span className={classes.hint}>{more}</span>}
    </span>
  );
}
