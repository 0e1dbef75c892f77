// The facts, a panel for each facet of each source, saying who says so and when they last did.
import type { Resource, ResourceSource, SourcedFacet } from '~/api/types';
import { Age } from '~/components/Age';
import { Facts, isPresent } from '~/components/Facts';
import { Panel } from '~/components/Panel';
import { useSourceName } from '~/components/sourceNames';
import { toMillis } from '~/format/time';
import { facetSections } from './facetSections';
import classes from './ResourceView.module.css';

type Props = { resource: Resource; lastSeen: number | null };

/** With one source its time is the resource's, which every sweep brings; facts carry a time of their own only when read anew. */
function seenBy(source: ResourceSource | undefined, resource: Resource, lastSeen: number | null): number | null {
  return resource.sources.length === 1 ? lastSeen : (toMillis(source?.lastSeen) ?? lastSeen);
}

export function FacetPanels({ resource, lastSeen }: Props) {
  return resource.facets.map(facet => {
    const source = resource.sources.find(candidate => candidate.source === facet.source);
    const seen = seenBy(source, resource, lastSeen);
    return <FacetPanel key={`${facet.source} ${facet.facet}`} facet={facet} seen={seen} />;
  });
}

function FacetPanel({ facet, seen }: { facet: SourcedFacet; seen: number | null }) {
  const nameOf = useSourceName();
  const said = (
    <>
      {nameOf(facet.source)}, <Age time={seen} />
    </>
  );
  const [first, ...others] = facetSections(facet);
  return (
    <Panel title={first.title} aside={said}>
      <Facts facts={first.facts} />
      {others
        .filter(({ facts }) => facts.some(isPresent))
        .map(({ title, facts }) => (
          <section key={title} aria-label={title}>
            <h3 className={classes.sub}>{title}</h3>
            <Facts facts={facts} />
          </section>
        ))}
    </Panel>
  );
}
