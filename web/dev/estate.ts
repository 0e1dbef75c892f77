// A made-up estate for developing without a server: seeded, so that it is the same every time. Never part of a build.
import type {
  HistoryStats,
  Metric,
  MetricReading,
  Resource,
  ResourceChange,
  Source,
  State,
  System,
} from '../src/api/types.ts';

export const START = Date.now();
const SOURCE = 'agent:local';
const GIB = 2 ** 30;

/** A number in [0, 1) from a text. */
export function hash(text: string): number {
  let value = 2166136261;
  for (const char of text) value = Math.imul(value ^ char.charCodeAt(0), 16777619);
  return (value >>> 0) / 2 ** 32;
}

const hex = (text: string) =>
  [0, 1]
    .map(part =>
      Math.floor(hash(`${text}${part}`) * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');

const METRICS: Partial<Record<Resource['kind'], Metric[]>> = {
  agent: [
    'cpu',
    'memory',
    'memoryused',
    'swap',
    'disk',
    'diskread',
    'diskwrite',
    'netin',
    'netout',
    'load1',
    'load5',
    'load15',
    'pressure_cpu',
    'pressure_memory',
    'pressure_io',
    'temperature',
  ],
  storage: ['usage', 'used', 'avail', 'total'],
  physical_disk: ['disk', 'diskread', 'diskwrite', 'smart_temp'],
  'network-endpoint': ['netin', 'netout'],
};

/** A value that wanders with time; `null` where it is not known. */
export function valueAt(id: string, metric: Metric, time: number): number | null {
  const seed = hash(`${id} ${metric}`);
  if (metric === 'smart_temp' && seed < 0.4) return null;
  const wave = 0.5 + 0.3 * Math.sin(time / 600_000 + seed * 7) + 0.15 * Math.sin(time / 47_000 + seed * 31);
  const noise = (hash(`${id}${metric}${Math.floor(time / 10_000)}`) - 0.5) * 0.12;
  const level = Math.max(0, Math.min(1, (wave + noise) * (0.3 + seed * 0.8)));
  if (metric.startsWith('disk') && metric !== 'disk') return Math.round(level ** 4 * 80_000_000);
  if (metric.startsWith('net')) return Math.round(level ** 3 * 12_000_000);
  if (metric.startsWith('load')) return Number((level * 8).toFixed(2));
  if (metric === 'temperature' || metric === 'smart_temp') return Math.round(30 + level * 35);
  if (metric === 'usage' || metric === 'disk') return Number((seed * 96).toFixed(1));
  if (metric === 'total') return 500 * GIB;
  if (metric === 'used') return hash(`${id} usage`) * 0.96 * 500 * GIB;
  if (metric === 'avail') return (1 - hash(`${id} usage`) * 0.96) * 500 * GIB;
  if (metric === 'memoryused') return level * 64 * GIB;
  return Number((level * 100).toFixed(1));
}

export function metricsOf(resource: Resource): Metric[] {
  return METRICS[resource.kind] ?? [];
}

export function readingsOf(resource: Resource, now: number): Record<string, MetricReading> {
  const units: Partial<Record<Metric, 'bytes' | 'bytes_per_second' | 'celsius' | 'number'>> = {};
  return Object.fromEntries(
    metricsOf(resource).map(metric => {
      const value = valueAt(resource.id, metric, now);
      const at = new Date(now).toISOString();
      return [
        metric,
        value === null
          ? { state: 'unknown' as const, reason: 'permission_denied' as const }
          : { state: 'known' as const, value, unit: units[metric] ?? ('percent' as const), at, source: SOURCE },
      ];
    }),
  );
}

const NO_IDENTITY = {
  clusterName: null,
  dmiUuid: null,
  enrolmentKey: null,
  machineId: null,
  platformKey: null,
  serial: null,
  wwn: null,
};

function blank(kind: Resource['kind'], name: string, parent?: Resource): Resource {
  const id = `${kind}-${hex(`${parent?.id ?? ''}${name}`)}`;
  const started = new Date(START - 86_400_000).toISOString();
  return {
    id,
    kind,
    name,
    technology: null,
    status: 'online',
    canonicalIdentity: {
      displayName: name,
      hostname: null,
      platformId: name,
      primaryId: `${kind}:${name}`,
      aliases: [],
    },
    identity: { ...NO_IDENTITY, hostnames: [], ipAddresses: [], macAddresses: [] },
    parentId: parent?.id ?? null,
    parentName: parent?.canonicalIdentity.displayName ?? null,
    childCount: 0,
    tags: [],
    sources: [{ source: SOURCE, key: name, status: 'online', evidence: [] }],
    facets: [],
    relationships: [],
    metricsTarget: { resourceType: kind, resourceId: id },
    revision: 1,
    firstSeenAt: started,
    changedAt: started,
  };
}

const NAMES = [
  'atlas',
  'borealis',
  'cobalt',
  'delta',
  'ember',
  'fjord',
  'garnet',
  'harbor',
  'indigo',
  'juniper',
  'kelvin',
  'lumen',
];

function host(index: number): Resource {
  const name = index < NAMES.length ? (NAMES[index] ?? '') : `node${index}`;
  const made = blank('agent', name);
  made.status = index % 7 === 5 ? 'warning' : index % 11 === 9 ? 'offline' : 'online';
  const fresh = made.status === 'online' ? 'online' : made.status === 'warning' ? 'stale' : 'offline';
  made.sources = [
    {
      source: index === 0 ? SOURCE : `agent:${name}`,
      key: name,
      status: fresh,
      evidence: [{ kind: 'machine_id', value: hex(name) }],
    },
  ];
  made.identity = {
    ...NO_IDENTITY,
    machineId: hex(name),
    hostnames: [name],
    ipAddresses: [`10.0.${index >> 8}.${index & 255}`],
    macAddresses: ['52:54:00:12:34:56'],
  };
  made.facets = [
    {
      source: made.sources[0]?.source ?? SOURCE,
      facet: 'host',
      hostname: name,
      os: {
        id: 'debian',
        version: '13',
        prettyName: 'Debian GNU/Linux 13 (trixie)',
        kernel: '6.12.48',
        architecture: 'x86_64',
      },
      cpu: { model: 'Example 9354P 32-Core', sockets: 1, cores: 32, threads: 64 },
      memory: { totalBytes: 64 * GIB, swapTotalBytes: 8 * GIB },
      system: {
        vendor: 'Example',
        product: 'R1',
        serial: null,
        board: 'B1',
        biosVersion: '2.1',
        biosDate: '05/01/2026',
      },
      virtualisation: { type: 'none' },
      bootedAt: new Date(START - hash(name) * 9e9).toISOString(),
      bootId: hex(`boot ${name}`),
      agentVersion: '0.1.0',
      diskBytes: null,
    },
  ];
  made.childCount = 8;
  return made;
}

function parts(parent: Resource): Resource[] {
  const source = parent.sources[0]?.source ?? SOURCE;
  const storages = ['/', '/home', '/srv/data'].map(mountpoint => {
    const made = blank('storage', mountpoint, parent);
    made.facets = [
      {
        source,
        facet: 'filesystem',
        mountpoint,
        aliases: [],
        device: '/dev/mapper/vg-root',
        fsType: 'ext4',
        totalBytes: 500 * GIB,
        inodesTotal: 32_768_000,
        readOnly: false,
        remote: false,
      },
    ];
    return made;
  });
  const disks = ['nvme0n1', 'sda'].map(device => {
    const made = blank('physical_disk', device, parent);
    made.facets = [
      {
        source,
        facet: 'physicalDisk',
        device,
        model: 'EXAMPLE SSD 980',
        vendor: 'Example',
        serial: hex(parent.id + device).toUpperCase(),
        wwn: null,
        firmware: '1B2QJXD7',
        transport: 'nvme',
        sizeBytes: 1000 * GIB,
        rotational: false,
        smart: 'passed',
        condition: {
          standby: false,
          lifeLeftPercent: 97,
          percentageUsed: 3,
          availableSparePercent: 100,
          pendingSectors: null,
          offlineUncorrectable: null,
          reallocatedSectors: null,
          mediaErrors: 0,
          crcErrors: null,
          temperature: 'normal',
        },
        risk: null,
      },
    ];
    return made;
  });
  const links = ['eth0', 'br0', 'wg0'].map(name => {
    const made = blank('network-endpoint', name, parent);
    made.facets = [
      {
        source,
        facet: 'networkInterface',
        name,
        interfaceKind: 'physical',
        macAddress: '52:54:00:12:34:56',
        addresses: ['10.0.0.5/24'],
        speedBitsPerSecond: 10_000_000_000,
        mtuBytes: 1500,
        up: true,
        master: null,
      },
    ];
    return made;
  });
  return [...storages, ...disks, ...links].map(part => ({
    ...part,
    status: parent.status,
    sources: parent.sources.map(own => ({ ...own, key: part.name })),
  }));
}

export function makeEstate(hosts: number): Resource[] {
  return Array.from({ length: hosts }, (_, index) => host(index)).flatMap(made => [made, ...parts(made)]);
}

export function systemsOf(resources: readonly Resource[]): State['connectedInfrastructure'] {
  return resources
    .filter(({ kind }) => kind === 'agent')
    .map(({ id, name, status }) => ({
      id,
      name,
      type: 'host',
      hostname: name,
      status: 'active',
      healthStatus: status,
      lastSeen: Date.now(),
      removedAt: null,
      removedBy: null,
      linkedNodeId: null,
      scopeAgentId: id,
      version: '0.1.0',
      resourceIds: [id],
      surfaces: [
        {
          id,
          kind: 'agent',
          label: 'Agent',
          controlId: id,
          action: 'stop-monitoring',
          idLabel: 'Agent ID',
          idValue: id,
        },
      ],
      explanation: 'One agent reports it.',
    }));
}

export function changesOf(resources: readonly Resource[]): ResourceChange[] {
  return resources.slice(0, 40).map((resource, index) => ({
    id: `00000000-0000-8000-8000-${String(index).padStart(12, '0')}`,
    resourceId: resource.id,
    kind: index % 3 === 0 ? 'state_transition' : index % 3 === 1 ? 'restart' : 'config_update',
    observedAt: new Date(START - index * 900_000).toISOString(),
    occurredAt: null,
    from: index % 3 === 0 ? 'online' : null,
    to: index % 3 === 0 ? 'warning' : null,
    origin: 'diff',
    source: SOURCE,
    confidence: 'high',
    actor: null,
    reason:
      index % 3 === 0 ? 'Its source fell silent.' : index % 3 === 1 ? 'The boot id changed.' : 'The kernel changed.',
    relatedResources: [],
    metadata: {},
  }));
}

export function systemNow(resources: number): System {
  return {
    version: '0.1.0',
    startedAt: new Date(START - 7_500_000).toISOString(),
    now: new Date().toISOString(),
    listen: '127.0.0.1:8420',
    memoryBytes: 71_000_000,
    engine: {
      revision: 42,
      resources,
      sweeps: 812,
      reports: 812,
      queuedReports: 0,
      rejected: 0,
      skewedReports: 0,
      lostChanges: 0,
      lastSweepMilliseconds: 1.8,
      lastSweepAt: new Date(Date.now() - 4000).toISOString(),
      uncommittedEntries: 0,
    },
    store: { engine: 'sqlite', sizeBytes: 1_200_000, lastError: null },
    history: {
      series: 96,
      activeSeries: 94,
      samplesPerDay: 812_160,
      storedSamples: 77_900,
      memoryBytes: 1_900_000,
      shedSamples: 0,
      lostSamples: 0,
      damagedChunks: 0,
      damagedBlocks: 0,
      damagedLogs: 0,
      lostResources: 0,
      tiers: [
        {
          tier: 'raw',
          points: 77_900,
          bytes: 120_000,
          oldest: new Date(START - 7_500_000).toISOString(),
          newest: new Date(START - 7_500_000).toISOString(),
        },
        {
          tier: 'minute',
          points: 13_000,
          bytes: 60_000,
          oldest: new Date(START - 7_500_000).toISOString(),
          newest: new Date(START - 7_500_000).toISOString(),
        },
      ],
      retention: {
        rawSeconds: 7 * 86_400,
        minuteSeconds: 90 * 86_400,
        tenMinutesSeconds: 730 * 86_400,
        hourSeconds: 3650 * 86_400,
      },
      forecast: {
        bytesPerDay: 1_500_000,
        bytesAfterYear: 88_000_000,
        bytesAtRest: 160_000_000,
        tiers: [
          { tier: 'raw', bytesPerDay: 1_200_000, bytesAtRest: 8_400_000 },
          { tier: 'minute', bytesPerDay: 250_000, bytesAtRest: 22_500_000 },
          { tier: 'tenMinutes', bytesPerDay: 40_000, bytesAtRest: 29_200_000 },
          { tier: 'hour', bytesPerDay: 10_000, bytesAtRest: 36_500_000 },
        ],
      },
      samples: 77_900,
      sizeBytes: 180_000,
      bytesPerSample: 1.62,
      lastDurableAt: new Date(Date.now() - 4000).toISOString(),
      pendingSweeps: 0,
      lateSamples: 0,
      lastError: null,
    },
    liveClients: 1,
  };
}

/** As if somebody had asked about twice the retention. */
export function statsNow(): HistoryStats {
  const { history } = systemNow(0);
  const { forecast, retention } = history;
  const doubled = { ...forecast, bytesAtRest: forecast.bytesAtRest * 2 };
  return {
    ...history,
    proposal: { retention, forecast: doubled, bytesAtRestChange: forecast.bytesAtRest },
  };
}

export function sourcesNow(): Source[] {
  const now = new Date().toISOString();
  return [
    {
      id: SOURCE,
      status: 'online',
      poll: { intervalSeconds: 10, lastSuccessAt: now, nextAt: now },
      observed: {
        collectedAt: now,
        degraded: true,
        issueCount: 1,
        issues: [
          {
            class: 'permission_denied',
            section: 'hardware',
            message: 'The serial number can only be read by root. Run the agent as root, or leave it out.',
          },
        ],
        resourceCount: 9,
      },
    },
    {
      id: 'agent:fjord',
      status: 'stale',
      poll: { intervalSeconds: 10, lastSuccessAt: new Date(START - 400_000).toISOString(), nextAt: now },
      observed: { collectedAt: now, degraded: false, issueCount: 0, issues: [], resourceCount: 9 },
    },
  ];
}
