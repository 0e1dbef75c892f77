// What belongs to a resource, by name.
import { useMemo } from 'react';
import type { Resource, ResourceId } from '~/api/types';
import { useResources } from '~/live/LiveContext';
import { naturalKey } from '~/table/sortValue';

const key = (resource: Resource) => naturalKey(resource.canonicalIdentity.displayName);

/** Nothing belongs to `null`. */
export function useChildren(id: ResourceId | null): Resource[] {
  const resources = useResources();
  return useMemo(() => {
    if (id === null) return [];
    const children = [...(resources?.values() ?? [])].filter(({ parentId }) => parentId === id);
    return children.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  }, [resources, id]);
}
