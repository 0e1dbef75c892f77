// Resources for tests: everything that the contract asks for, and what the test is about on top.
import type { Resource } from '~/api/types';

type Given = Partial<Resource> & { id: string };

export function aResource({ id, ...rest }: Given): Resource {
  const name = rest.name ?? id;
  return {
    id,
    kind: 'agent',
    name,
    technology: null,
    status: 'online',
    canonicalIdentity: { displayName: name, hostname: null, platformId: id, primaryId: `agent:${id}`, aliases: [] },
    identity: {
      clusterName: null,
      dmiUuid: null,
      enrolmentKey: null,
      machineId: null,
      platformKey: null,
      serial: null,
      wwn: null,
      hostnames: [],
      ipAddresses: [],
      macAddresses: [],
    },
    parentId: null,
    parentName: null,
    childCount: 0,
    tags: [],
    sources: [{ source: 'agent:local', key: id, status: 'online', evidence: [] }],
    facets: [],
    relationships: [],
    metricsTarget: { resourceType: 'agent', resourceId: id },
    revision: 1,
    firstSeenAt: '2026-11-21T08:00:00Z',
    changedAt: '2026-11-21T08:00:00Z',
    ...rest,
  };
}
