// The facts that a virtualisation platform tells of its guests, nodes and storages, in groups and words for people.
import type { FacetOf, MemorySource } from '~/api/types';
import type { Fact } from '~/components/Facts';
import { formatTime } from '~/format/time';
import { formatBytes, formatCount } from '~/format/units';
import {
  DISK_SOURCE,
  DISK_STATUS,
  GUEST_AGENT,
  MEMORY_SOURCE,
  MEMORY_TRUST,
  NODE_DISK_SOURCE,
  POOL_STATE,
  SUBSCRIPTION_STATUS,
} from '~/strings/platform';
import { certificateMark } from './conditionSections';
import type { Section } from './facetSections';

const bytes = (value: number | null) => (value === null ? null : formatBytes(value));
const count = (value: number | null) => (value === null ? null : formatCount(value));
const time = (value: string | null) => (value === null ? null : formatTime(Date.parse(value)));
const yesNo = (value: boolean | null) => (value === null ? null : value ? 'yes' : 'no');

/** A word of the platform's that is not known here stands as it is. */
const inWords = (words: Readonly<Record<string, string>>, word: string | null) => word && (words[word] ?? word);

/** Where a value of memory comes from, and how far it can be trusted. */
function memoryFacts(source: MemorySource | null): Fact[] {
  if (source === null) return [];
  const { from, trust } = MEMORY_SOURCE[source];
  return [
    { term: 'Memory use from', value: from },
    { term: 'How good that is', value: trust && MEMORY_TRUST[trust] },
  ];
}

export function guestSections(guest: FacetOf<'guest'>): [Section, ...Section[]] {
  return [
    {
      title: 'Guest',
      facts: [
        { term: 'Number', value: guest.nativeId },
        { term: 'Node', value: guest.node },
        { term: 'Pool', value: guest.pool },
        { term: 'Locked for', value: guest.lock },
        { term: 'High availability', value: guest.haState },
        { term: 'Starts with node', value: yesNo(guest.startsWithNode) },
        { term: 'Started', value: time(guest.startedAt) },
        { term: 'Made', value: time(guest.createdAt) },
      ],
    },
    {
      title: 'May use',
      facts: [
        { term: 'Processors', value: guest.cpus === null ? null : String(guest.cpus) },
        { term: 'Memory', value: bytes(guest.memoryBytes) },
        { term: 'First disk', value: bytes(guest.diskBytes) },
        ...memoryFacts(guest.memorySource),
        { term: 'Disk use from', value: guest.diskSource && DISK_SOURCE[guest.diskSource] },
        { term: 'Disk use', value: guest.diskStatus && DISK_STATUS[guest.diskStatus] },
      ],
    },
    {
      title: 'Inside',
      facts: [
        { term: 'System', value: guest.os },
        { term: 'Host name', value: guest.hostname },
        { term: 'Guest agent', value: GUEST_AGENT[guest.agent] },
        { term: 'Its version', value: guest.agentVersion },
      ],
    },
  ];
}

/** The platform's own means are a minute old, and smoother than what one would see. */
function networkSource({ networkSource: source }: FacetOf<'node'>): string | null {
  return source === 'rrd-average' ? "the platform's mean over the last whole minute" : source;
}

export function nodeSections(node: FacetOf<'node'>): [Section, ...Section[]] {
  return [
    {
      title: 'Node',
      facts: [
        { term: 'Name', value: node.node },
        { term: 'Cluster', value: node.cluster ?? 'none, a node on its own' },
        { term: 'Quorum', value: node.quorate === null ? null : node.quorate ? 'yes' : 'lost: nothing can be changed' },
        { term: 'Version', value: node.version },
        { term: 'Maintenance', value: yesNo(node.maintenance) },
        { term: 'Subscription', value: node.subscription === '' ? 'none' : node.subscription },
        { term: 'Its state', value: inWords(SUBSCRIPTION_STATUS, node.subscriptionStatus) },
        { term: 'Paid until', value: node.subscriptionUntil },
        { term: 'High availability', value: node.haState },
        { term: 'Waiting updates', value: count(node.pendingUpdates) },
        { term: 'Cluster address', value: node.clusterAddress },
      ],
    },
    {
      title: 'Use',
      facts: [
        ...memoryFacts(node.memorySource),
        { term: 'Disk use from', value: inWords(NODE_DISK_SOURCE, node.diskSource) },
        { term: 'Network from', value: networkSource(node) },
      ],
    },
    {
      title: 'Certificate',
      facts: [
        { term: 'SHA-256', value: node.certificateFingerprint },
        { term: 'Good until', value: time(node.certificateNotAfter) },
        { term: 'That is', value: certificateMark(node.certificateState) },
      ],
    },
  ];
}

export function storageFacts(storage: FacetOf<'storage'>): Fact[] {
  return [
    { term: 'Name', value: storage.storage },
    { term: 'Type', value: storage.storageType },
    { term: 'Shared', value: yesNo(storage.shared) },
    { term: 'Nodes', value: storage.nodes.join(', ') },
    { term: 'Holds', value: storage.content.join(', ') },
    { term: 'Enabled', value: yesNo(storage.enabled) },
    { term: 'Usable now', value: yesNo(storage.active) },
    { term: 'Size', value: bytes(storage.totalBytes) },
    { term: 'Pool', value: storage.pool },
    { term: 'State of the pool', value: storage.poolState && POOL_STATE[storage.poolState] },
    { term: 'Path', value: storage.path },
    { term: 'Server', value: storage.server },
  ];
}
