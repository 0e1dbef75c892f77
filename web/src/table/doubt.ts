// Why a value of a guest is unknown or not to be taken at its word, where its platform says more than the value does. Pure.
import type { Resource } from '~/api/types';
import { facetOf } from '~/pages/resource/facets';
import { DISK_STATUS, MEMORY_SOURCE, MEMORY_TRUST } from '~/strings/platform';

export function diskDoubt(resource: Resource): string | undefined {
  const status = facetOf(resource, 'guest')?.diskStatus;
  return status ? DISK_STATUS[status] : undefined;
}

/** Nothing where cache does not count as used, or nothing is known. */
export function memoryDoubt(resource: Resource): string | undefined {
  const source = (facetOf(resource, 'guest') ?? facetOf(resource, 'node'))?.memorySource;
  if (!source) return undefined;
  const { from, trust } = MEMORY_SOURCE[source];
  return trust === 'fallback' ? `From ${from}: ${MEMORY_TRUST[trust]}.` : undefined;
}
