// What a Ceph cluster has found wrong with itself, and in which states its data is.
import type { FacetOf, Resource } from '~/api/types';
import { orUnknown } from '~/components/orUnknown';
import { StatusMark } from '~/components/StatusMark';
import { formatCount } from '~/format/units';
import { CEPH_HEALTH } from '~/strings/condition';
import { facetOf } from './facets';
import { Listed } from './Listed';

type Ceph = FacetOf<'ceph'>;

export function CephPanel({ resource }: { resource: Resource }) {
  const ceph = facetOf(resource, 'ceph');
  if (!ceph) return null;
  return (
    <>
      <Listed title="What Ceph finds wrong" heads={['Finding', 'Severity', 'In its words', 'About']}>
        {ceph.checks.map(checkRow)}
      </Listed>
      <Listed
        title="Placement groups"
        heads={['State', 'How many']}
        aside={orUnknown(ceph.placementGroups, count => `${formatCount(count)} in all`)}
      >
        {ceph.placementStates.map(({ state, count }) => (
          <tr key={state}>
            <td>{state}</td>
            <td>{formatCount(count)}</td>
          </tr>
        ))}
      </Listed>
    </>
  );
}

function checkRow({ code, severity, summary, count, muted }: Ceph['checks'][number]) {
  return (
    <tr key={code}>
      <td>
        <code>{code}</code>
        {muted && <span className="dim"> silenced</span>}
      </td>
      <td>
        <StatusMark {...CEPH_HEALTH[severity]} />
      </td>
      <td>{summary}</td>
      <td data-optional>{count !== null && formatCount(count)}</td>
    </tr>
  );
}
