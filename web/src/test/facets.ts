// Facets of a virtualisation platform for tests: empty but for what the test is about.
import type { FacetOf } from '~/api/types';

export function aGuest(given: Partial<FacetOf<'guest'>>): FacetOf<'guest'> {
  return {
    facet: 'guest',
    nativeId: '100',
    node: 'pve1',
    cpus: null,
    memoryBytes: null,
    diskBytes: null,
    pool: null,
    lock: null,
    haState: null,
    startsWithNode: null,
    startedAt: null,
    createdAt: null,
    os: null,
    hostname: null,
    agent: 'unknown',
    agentVersion: null,
    memorySource: null,
    diskStatus: null,
    interfaces: [],
    disks: [],
    replication: [],
    ...given,
  };
}

export function aNode(given: Partial<FacetOf<'node'>>): FacetOf<'node'> {
  return {
    facet: 'node',
    node: 'pve1',
    cluster: null,
    quorate: null,
    version: null,
    subscription: null,
    clusterAddress: null,
    certificateFingerprint: null,
    certificateNotAfter: null,
    maintenance: null,
    memorySource: null,
    diskSource: null,
    pendingUpdates: null,
    ...given,
  };
}

export function aStorage(given: Partial<FacetOf<'storage'>>): FacetOf<'storage'> {
  return {
    facet: 'storage',
    storage: 'local',
    storageType: 'dir',
    shared: false,
    nodes: [],
    content: [],
    enabled: null,
    active: null,
    totalBytes: null,
    pool: null,
    path: null,
    server: null,
    poolState: null,
    ...given,
  };
}

export function aDisk(given: Partial<FacetOf<'physicalDisk'>>): FacetOf<'physicalDisk'> {
  return {
    facet: 'physicalDisk',
    device: 'sda',
    model: null,
    vendor: null,
    serial: null,
    wwn: null,
    firmware: null,
    transport: null,
    sizeBytes: null,
    rotational: null,
    smart: 'unknown',
    ...given,
  };
}
