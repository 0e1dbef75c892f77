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
    diskSource: null,
    interfaces: [],
    disks: [],
    filesystems: [],
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
    subscriptionStatus: null,
    subscriptionUntil: null,
    clusterAddress: null,
    certificateFingerprint: null,
    certificateNotAfter: null,
    certificateState: null,
    maintenance: null,
    memorySource: null,
    diskSource: null,
    networkSource: null,
    haState: null,
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
    condition: {
      standby: false,
      lifeLeftPercent: null,
      percentageUsed: null,
      availableSparePercent: null,
      pendingSectors: null,
      offlineUncorrectable: null,
      reallocatedSectors: null,
      mediaErrors: null,
      crcErrors: null,
      temperature: null,
    },
    risk: null,
    ...given,
  };
}

export function aZfsPool(given: Partial<FacetOf<'zfsPool'>>): FacetOf<'zfsPool'> {
  return {
    facet: 'zfsPool',
    pool: 'tank',
    node: 'pve1',
    state: 'unknown',
    health: null,
    status: null,
    action: null,
    scan: null,
    dataErrors: null,
    sizeBytes: null,
    fragmentationPercent: null,
    devices: [],
    devicesTotal: 0,
    ...given,
  };
}

export function aProtection(given: Partial<FacetOf<'protection'>>): FacetOf<'protection'> {
  return {
    facet: 'protection',
    snapshots: null,
    backup: { covered: null, jobs: [], nextRunAt: null, state: 'unknown', newest: null, copies: null },
    ...given,
  };
}
