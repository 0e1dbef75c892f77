// Picks typed facts out of a resource. Facets stand strongest first, so that the first of a sort is the one to believe.
import type { Facet, FacetOf, Resource } from '~/api/types';

export function facetOf<Name extends Facet['facet']>(resource: Resource, name: Name): FacetOf<Name> | undefined {
  const found = resource.facets.find(({ facet }) => facet === name);
  return found as FacetOf<Name> | undefined; // The tag has just been compared.
}

export const hostFacet = (resource: Resource) => facetOf(resource, 'host');
