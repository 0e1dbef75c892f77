// The facts of each facet, in the groups and words in which they are shown.
import type { FacetOf, SourcedFacet } from '~/api/types';
import type { Fact } from '~/components/Facts';
import { formatTime } from '~/format/time';
import { backupTargetFacts, cephSections, protectionSections, zfsSections } from './conditionSections';
import { guestSections, nodeSections, storageFacts } from './platformSections';
import { formatBitRate, formatBytes, formatCount } from '~/format/units';

export type Section = { title: string; facts: Fact[] };

const bytes = (value: number | null | undefined) => (typeof value === 'number' ? formatBytes(value) : null);
const count = (value: number | null | undefined) => (typeof value === 'number' ? formatCount(value) : null);
const yesNo = (value: boolean | null | undefined) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : null);

export function facetSections(facet: SourcedFacet): [Section, ...Section[]] {
  switch (facet.facet) {
    case 'host':
      return hostSections(facet);
    case 'filesystem':
      return [{ title: 'Filesystem', facts: filesystemFacts(facet) }];
    case 'storagePool':
      return [{ title: 'Pool', facts: poolFacts(facet) }];
    case 'physicalDisk':
      return [{ title: 'Disk', facts: diskFacts(facet) }];
    case 'networkInterface':
      return [{ title: 'Interface', facts: interfaceFacts(facet) }];
    case 'guest':
      return guestSections(facet);
    case 'node':
      return nodeSections(facet);
    case 'storage':
      return [{ title: 'Storage', facts: storageFacts(facet) }];
    case 'ceph':
      return cephSections(facet);
    case 'zfsPool':
      return zfsSections(facet);
    case 'protection':
      return protectionSections(facet);
    case 'backupTarget':
      return [{ title: 'Backups here', facts: backupTargetFacts(facet) }];
  }
}

function virtualisation({ virtualisation: found }: FacetOf<'host'>): string {
  switch (found.type) {
    case 'unknown':
      return 'could not be told';
    case 'none':
      return 'none, hardware of its own';
    case 'machine':
      return `virtual machine, ${found.technology}`;
    case 'container':
      return `container, ${found.technology}`;
  }
}

function hostSections(host: FacetOf<'host'>): [Section, ...Section[]] {
  const { os, cpu, memory, system } = host;
  return [
    {
      title: 'Host',
      facts: [
        { term: 'Host name', value: host.hostname },
        { term: 'System', value: os.prettyName ?? os.id },
        { term: 'Kernel', value: os.kernel },
        { term: 'Architecture', value: os.architecture },
        { term: 'Virtualisation', value: virtualisation(host) },
        { term: 'Started', value: host.bootedAt && formatTime(Date.parse(host.bootedAt)) },
        { term: 'Agent', value: host.agentVersion },
      ],
    },
    {
      title: 'Processor and memory',
      facts: [
        { term: 'Model', value: cpu.model },
        { term: 'Sockets', value: count(cpu.sockets) },
        { term: 'Cores', value: count(cpu.cores) },
        { term: 'Threads', value: count(cpu.threads) },
        { term: 'Memory', value: bytes(memory.totalBytes) },
        { term: 'Swap', value: memory.swapTotalBytes === 0 ? 'none' : bytes(memory.swapTotalBytes) },
      ],
    },
    {
      title: 'Hardware',
      facts: [
        { term: 'Vendor', value: system.vendor },
        { term: 'Product', value: system.product },
        { term: 'Serial number', value: system.serial },
        { term: 'Board', value: system.board },
        { term: 'Firmware', value: [system.biosVersion, system.biosDate].filter(Boolean).join(', ') },
      ],
    },
  ];
}

function filesystemFacts(filesystem: FacetOf<'filesystem'>): Fact[] {
  return [
    { term: 'Mounted at', value: filesystem.mountpoint },
    { term: 'Also at', value: filesystem.aliases.join(', ') },
    { term: 'Device', value: filesystem.device },
    { term: 'Type', value: filesystem.fsType },
    { term: 'Size', value: bytes(filesystem.totalBytes) },
    { term: 'Inodes', value: count(filesystem.inodesTotal) },
    { term: 'Read-only', value: yesNo(filesystem.readOnly) },
    { term: 'Remote', value: yesNo(filesystem.remote) },
  ];
}

function poolFacts(pool: FacetOf<'storagePool'>): Fact[] {
  const expected = typeof pool.membersExpected === 'number' ? ` of ${pool.membersExpected}` : '';
  return [
    { term: 'Technology', value: pool.technology },
    { term: 'Layout', value: pool.layout },
    { term: 'State', value: pool.state },
    { term: 'Size', value: bytes(pool.totalBytes) },
    { term: 'Members', value: `${pool.members.length}${expected}: ${pool.members.join(', ')}` },
  ];
}

function diskFacts(disk: FacetOf<'physicalDisk'>): Fact[] {
  return [
    { term: 'Device', value: disk.device },
    { term: 'Model', value: disk.model },
    { term: 'Vendor', value: disk.vendor },
    { term: 'Serial number', value: disk.serial },
    { term: 'World-wide name', value: disk.wwn },
    { term: 'Firmware', value: disk.firmware },
    { term: 'Attached by', value: disk.transport },
    { term: 'Size', value: bytes(disk.sizeBytes) },
    { term: 'Rotating', value: yesNo(disk.rotational) },
  ];
}

function interfaceFacts(link: FacetOf<'networkInterface'>): Fact[] {
  return [
    { term: 'Name', value: link.name },
    { term: 'Sort', value: link.interfaceKind },
    { term: 'Link up', value: yesNo(link.up) },
    { term: 'Addresses', value: link.addresses.join(', ') },
    { term: 'MAC address', value: link.macAddress },
    {
      term: 'Speed',
      value: typeof link.speedBitsPerSecond === 'number' ? formatBitRate(link.speedBitsPerSecond) : null,
    },
    { term: 'MTU', value: bytes(link.mtuBytes) && `${count(link.mtuBytes) ?? ''} B` },
    { term: 'Part of', value: link.master },
  ];
}
