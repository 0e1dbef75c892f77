// What people read for the condition of disks, pools, Ceph clusters and backups. Exhaustive: a new word does not compile
// without its label.
import type {
  BackupState,
  BackupVerification,
  CephHealth,
  CertificateState,
  PoolState,
  RiskLevel,
  Status,
  TemperatureBand,
} from '~/api/types';

type Word = { status: Status; text: string };

export const RISK: Record<RiskLevel, Word> = {
  monitor: { status: 'warning', text: 'Keep an eye on it' },
  warning: { status: 'warning', text: 'Plan its replacement' },
  critical: { status: 'offline', text: 'Replace it now' },
};

export const TEMPERATURE: Record<TemperatureBand, string> = {
  normal: 'below 60 °C',
  warm: '60 °C or more',
  hot: '70 °C or more',
};

export const CEPH_HEALTH: Record<CephHealth, Word> = {
  unknown: { status: 'unknown', text: 'Unknown' },
  ok: { status: 'online', text: 'Healthy' },
  warning: { status: 'warning', text: 'Warns' },
  error: { status: 'offline', text: 'In trouble' },
};

export const POOL: Record<PoolState, Word> = {
  healthy: { status: 'online', text: 'Healthy' },
  checking: { status: 'online', text: 'Being checked' },
  recovering: { status: 'warning', text: 'Recovering' },
  degraded: { status: 'warning', text: 'Degraded' },
  failed: { status: 'offline', text: 'Failed' },
  inactive: { status: 'unknown', text: 'Not in use' },
  unknown: { status: 'unknown', text: 'Unknown' },
};

export const BACKUP: Record<BackupState, Word & { why?: string }> = {
  unknown: { status: 'unknown', text: 'Unknown', why: 'None was seen, and not every place that may hold one can be.' },
  missing: { status: 'warning', text: 'None', why: 'Every place that may hold one was looked into.' },
  present: { status: 'online', text: 'There is one' },
};

/** `null`: nobody has tried. */
export const VERIFICATION: Record<BackupVerification, Word | null> = {
  none: null,
  ok: { status: 'online', text: 'Readable' },
  failed: { status: 'offline', text: 'Not readable' },
};

/** `null`: nothing that anybody would have to do. */
export const CERTIFICATE: Record<CertificateState, Word | null> = {
  good: null,
  endsSoon: { status: 'warning', text: 'Ends within three weeks' },
  expired: { status: 'offline', text: 'Has ended' },
};
