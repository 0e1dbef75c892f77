// What people read for each word of the contract. Exhaustive: a new word does not compile without its label.
import type {
  ChangeKind,
  ChangeOrigin,
  EvidenceKind,
  GapReason,
  HistoryTier,
  ResourceKind,
  SearchField,
  SourceFreshness,
  Status,
  TroubleCause,
  UnknownReason,
} from '~/api/types';

export const STATUS: Record<Status, string> = {
  online: 'Online',
  warning: 'Warning',
  offline: 'Offline',
  unknown: 'Unknown',
};

export const FRESHNESS: Record<SourceFreshness, string> = {
  online: 'Current',
  stale: 'Stale',
  offline: 'Silent',
  unknown: 'Never reported',
};

type Noun = { one: string; many: string };

export const KIND: Record<ResourceKind, Noun> = {
  agent: { one: 'Host', many: 'Hosts' },
  vm: { one: 'Virtual machine', many: 'Virtual machines' },
  'system-container': { one: 'System container', many: 'System containers' },
  'app-container': { one: 'Container', many: 'Containers' },
  'docker-service': { one: 'Service', many: 'Services' },
  'docker-image': { one: 'Image', many: 'Images' },
  'docker-volume': { one: 'Volume', many: 'Volumes' },
  'docker-network': { one: 'Container network', many: 'Container networks' },
  'docker-task': { one: 'Task', many: 'Tasks' },
  'docker-swarm-node': { one: 'Swarm node', many: 'Swarm nodes' },
  'docker-secret': { one: 'Secret', many: 'Secrets' },
  'docker-config': { one: 'Config', many: 'Configs' },
  'k8s-cluster': { one: 'Kubernetes cluster', many: 'Kubernetes clusters' },
  'k8s-node': { one: 'Kubernetes node', many: 'Kubernetes nodes' },
  pod: { one: 'Pod', many: 'Pods' },
  'k8s-deployment': { one: 'Deployment', many: 'Deployments' },
  storage: { one: 'Storage', many: 'Storages' },
  ceph: { one: 'Ceph cluster', many: 'Ceph clusters' },
  physical_disk: { one: 'Disk', many: 'Disks' },
  pbs: { one: 'Backup server', many: 'Backup servers' },
  pmg: { one: 'Mail gateway', many: 'Mail gateways' },
  'network-share': { one: 'Share', many: 'Shares' },
  network: { one: 'Network', many: 'Networks' },
  'network-endpoint': { one: 'Interface', many: 'Interfaces' },
};

export const UNKNOWN_REASON: Record<UnknownReason, string> = {
  not_reported: 'No source has reported it.',
  not_supported: 'The source says that there is no such value here.',
  permission_denied: 'The source was not allowed to read it. Run the agent with the permissions it asks for.',
  no_baseline: 'A rate needs two observations, and there has been only one. It appears with the next report.',
  counter_reset: 'The counter started anew. The rate appears with the next report.',
  source_unreachable: 'The source could not be reached.',
  timed_out: 'The source did not answer in time.',
  malformed: 'What the source said made no sense.',
};

export const UNKNOWN_SINCE_LAST_SWEEP = 'The last report did not carry it.';

export const GAP_REASON: Record<GapReason, string> = {
  server_stopped: 'This server was not running',
  source_unreachable: 'The source could not be reached',
  source_silent: 'The source did not report',
  connection_disabled: 'The connection was disabled',
  machine_ignored: 'The machine was ignored',
  clock_jumped: 'The clock jumped',
};

export const CHANGE_KIND: Record<ChangeKind, string> = {
  state_transition: 'State',
  activity: 'Activity',
  restart: 'Restart',
  config_update: 'Configuration',
  metric_anomaly: 'Incident',
  relationship_change: 'Relations',
  capability_change: 'Capability',
  alert_fired: 'Alert fired',
  alert_acknowledged: 'Alert acknowledged',
  alert_unacknowledged: 'Acknowledgement withdrawn',
  alert_resolved: 'Alert resolved',
  command_executed: 'Command',
  runbook_executed: 'Runbook',
};

export const CHANGE_ORIGIN: Record<ChangeOrigin, string> = {
  platform_event: 'reported by the platform',
  diff: 'seen by comparing two reports',
  heuristic: 'concluded by a rule',
  user_action: 'done by a person or token',
  agent_action: 'done by an agent',
};

export const EVIDENCE: Record<EvidenceKind, string> = {
  operator: 'An operator said so',
  enrolment_key: 'Same enrolment key',
  same_source: 'Same source, same key',
  platform_key: 'Same name on the same cluster',
  link: 'They name each other',
  machine_id: 'Same machine id',
  dmi_uuid: 'Same SMBIOS UUID',
  serial: 'Same serial number',
  wwn: 'Same world-wide name',
  device_path: 'Same device on the same host',
  mac_address: 'Same hardware address',
  hostname: 'Same host name',
  ip_address: 'Same IP address',
};

export const TIER: Record<HistoryTier, string> = {
  raw: 'raw',
  minute: 'from minutes',
  tenMinutes: 'from ten minutes',
  hour: 'from hours',
};

export const TIER_NAME: Record<HistoryTier, string> = {
  raw: 'Every sample',
  minute: 'Minutes',
  tenMinutes: 'Ten minutes',
  hour: 'Hours',
};

/** Seconds from one stored value of a resolution to the next. */
export const TIER_STEP: Record<HistoryTier, number> = { raw: 10, minute: 60, tenMinutes: 600, hour: 3600 };

export const SEARCH_FIELD: Record<SearchField, string> = {
  name: 'Name',
  hostname: 'Host name',
  address: 'Address',
  mac: 'Hardware address',
  serial: 'Serial number',
  tag: 'Tag',
  platform_id: 'On its platform',
  hardware_id: 'Hardware id',
  id: 'Id',
};

export const TROUBLE_CAUSE: Record<TroubleCause, string> = {
  reported: 'a source says so',
  sources_silent: 'its sources are silent',
};
