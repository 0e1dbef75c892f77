// What people read for the words of virtualisation platforms. Exhaustive: a new word does not compile without its label.
import type {
  DiskStatus,
  GuestAgent,
  GuestDiskSource,
  MemorySource,
  PoolState,
  ReplicationState,
  SmartHealth,
  Status,
} from '~/api/types';

type Trust = 'preferred' | 'derived' | 'fallback';

export const MEMORY_TRUST: Record<Trust, string> = {
  preferred: 'exact: cache does not count as used',
  derived: 'good: computed from parts that are right',
  fallback: 'rough: cache may count as used, or the value is older',
};

/** By. Without a trust there is nothing to trust. */
export const MEMORY_SOURCE: Record<MemorySource, { from: string; trust: Trust | null }> = {
  'available-field': { from: 'what the system says is available', trust: 'preferred' },
  'derived-free-buffers-cached': { from: 'free memory, buffers and cache', trust: 'derived' },
  'derived-total-minus-used': { from: 'what is left of the total', trust: 'derived' },
  'rrd-memavailable': { from: "what was available, by the platform's own history", trust: 'fallback' },
  'rrd-memused': { from: "what was used, by the platform's own history", trust: 'fallback' },
  'guest-agent-meminfo': { from: "the guest's kernel, read by the agent inside", trust: 'fallback' },
  agent: { from: 'an agent on the host', trust: 'fallback' },
  'status-mem': { from: "the platform's status, which counts the guest's cache as used", trust: 'fallback' },
  'status-freemem': { from: "what the platform's status says is free", trust: 'fallback' },
  'status-unavailable': { from: "nowhere: the platform's status says nothing usable", trust: 'fallback' },
  'cluster-resources': { from: "the list of the cluster's resources", trust: 'fallback' },
  'previous-snapshot': { from: 'an earlier look, which was better', trust: 'fallback' },
  'nodes-endpoint': { from: 'the list of nodes', trust: 'fallback' },
  'powered-off': { from: 'nowhere: it does not run', trust: null },
  unknown: { from: 'nowhere: nobody could tell', trust: null },
};

/** Why nothing better was there, in the server's codes. One that is newer than this page is shown as it is. */
export const MEMORY_REASON: Readonly<Record<string, string>> = {
  'node-status-unavailable': "the node's status says nothing usable of its memory",
  'node-status-total-minus-used': "the node's status names neither what is available nor its cache",
  'host-agent-memory': 'the platform itself has only a rough value',
  'preserved-previous-snapshot': 'what is told now is worse than an earlier look',
};

/** Why an earlier value was kept, in the server's codes. */
export const MEMORY_NOTE: Readonly<Record<string, string>> = {
  'preserved-previous-memory-after-repeated-low-trust-pattern':
    'the earlier value: a good source went away, and a rough one jumped',
  'preserved-previous-memory-for-healthy-guest-low-trust-full-usage':
    'the earlier value: a rough source calls a healthy guest full',
};

/** Where the disk use of a node comes from; anything else is the name of a storage. */
export const NODE_DISK_SOURCE: Readonly<Record<string, string>> = {
  agent: 'an agent on the node',
  'node-status-rootfs': "the node's own root filesystem",
  'nodes-endpoint': 'the list of nodes',
};

/** The platform's words for how a subscription is. */
export const SUBSCRIPTION_STATUS: Readonly<Record<string, string>> = {
  new: 'entered, not checked yet',
  notfound: 'there is none',
  active: 'active',
  invalid: 'not valid',
  expired: 'expired',
  suspended: 'suspended',
};

const NOT_READ = 'The use of its disks was not read: ';
const CARRIED = 'The use of its disks is of an earlier look: ';

const DISK_WHY = {
  'no-status': 'its status could not be read.',
  'agent-not-running': 'the agent inside does not run. Start qemu-guest-agent in the guest.',
  'agent-timeout': 'the agent inside took too long.',
  'permission-denied': 'the connection may not ask the agent inside. Examine the rights of the connection.',
  'agent-error': 'the agent inside answered with an error.',
  'no-filesystems': 'the agent inside lists no filesystem.',
  'special-filesystems-only': 'the agent inside lists only filesystems that hold no data.',
} as const;

export const DISK_STATUS: Record<DiskStatus, string> = {
  'vm-stopped': 'It does not run.',
  'agent-disabled': `${NOT_READ}agents are switched off, in its configuration or by an option of the connection.`,
  'no-agent': `${NOT_READ}no agent is configured. Install qemu-guest-agent and enable it in the options of the guest.`,
  'no-status': NOT_READ + DISK_WHY['no-status'],
  'agent-not-running': NOT_READ + DISK_WHY['agent-not-running'],
  'agent-timeout': NOT_READ + DISK_WHY['agent-timeout'],
  'permission-denied': NOT_READ + DISK_WHY['permission-denied'],
  'agent-error': NOT_READ + DISK_WHY['agent-error'],
  'no-filesystems': NOT_READ + DISK_WHY['no-filesystems'],
  'special-filesystems-only': NOT_READ + DISK_WHY['special-filesystems-only'],
  'prev-no-status': CARRIED + DISK_WHY['no-status'],
  'prev-agent-not-running': CARRIED + DISK_WHY['agent-not-running'],
  'prev-agent-timeout': CARRIED + DISK_WHY['agent-timeout'],
  'prev-permission-denied': CARRIED + DISK_WHY['permission-denied'],
  'prev-agent-error': CARRIED + DISK_WHY['agent-error'],
  'prev-no-filesystems': CARRIED + DISK_WHY['no-filesystems'],
  'prev-special-filesystems-only': CARRIED + DISK_WHY['special-filesystems-only'],
};

export const DISK_SOURCE: Record<GuestDiskSource, string> = {
  'guest-agent': 'the agent of the platform inside it',
  agent: 'our agent inside it',
  'cluster-resources': "the list of the cluster's resources",
};

export const GUEST_AGENT: Record<GuestAgent, string | null> = {
  unknown: null,
  notConfigured: 'not configured',
  silent: 'configured, does not answer',
  running: 'answers',
};

export const REPLICATION: Record<ReplicationState, { status: Status; text: string }> = {
  unknown: { status: 'unknown', text: 'Unknown' },
  disabled: { status: 'unknown', text: 'Switched off' },
  pending: { status: 'warning', text: 'Not done yet' },
  healthy: { status: 'online', text: 'Works' },
  failing: { status: 'offline', text: 'Fails' },
  removing: { status: 'unknown', text: 'Being removed' },
};

export const POOL_STATE: Record<PoolState, string> = {
  healthy: 'healthy',
  checking: 'being checked',
  recovering: 'recovering',
  degraded: 'degraded',
  failed: 'failed',
  inactive: 'not in use',
  unknown: 'unknown',
};

/** `null`: nobody has asked, or the disk does not answer. */
export const SMART: Record<SmartHealth, string | null> = { unknown: null, passed: 'passed', failed: 'failed' };
