// The pages there are for whoever is signed in, given what is known of the estate.
import { useSuspenseQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { sessionQuery } from '~/api/queries';
import type { ResourceKind } from '~/api/types';
import { useResources } from '~/live/LiveContext';
import { pagesFor, type Page } from './pages';

export function usePages(): Page[] {
  const { data: session } = useSuspenseQuery(sessionQuery);
  const resources = useResources();
  // A word of few letters, so that a change of some resource draws no navigation anew.
  const kinds = useMemo(() => {
    if (!resources) return undefined;
    const found = new Set<ResourceKind>();
    for (const { kind } of resources.values()) found.add(kind);
    return [...found].toSorted().join(' ');
  }, [resources]);
  const scopes = session.user?.scopes;
  return useMemo(() => {
    const known = kinds?.split(' ').filter(Boolean);
    // Joined from these very words above.
    return pagesFor({ kinds: known && new Set(known as never[]), scopes: new Set(scopes) });
  }, [kinds, scopes]);
}
