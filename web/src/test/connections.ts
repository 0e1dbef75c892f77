// Connections for tests: one that works, and what the test is about on top.
import type { Connection } from '~/api/types';

/** Of a connection of which nobody has chosen anything. */
export const NO_OPTIONS: Connection['options'] = {
  guestAgent: {
    enabled: null,
    fileSystemsTimeoutSeconds: null,
    networkTimeoutSeconds: null,
    osInfoTimeoutSeconds: null,
    versionTimeoutSeconds: null,
    retries: null,
    refreshSeconds: null,
    jitterSeconds: null,
    backoffSeconds: null,
    parallel: null,
  },
  disks: { everyMinutes: null, smart: null },
  zfs: { enabled: null },
};

export function aConnection(given: Partial<Connection>): Connection {
  return {
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    platform: 'proxmox-pve',
    name: 'lab',
    endpoints: ['https://pve1.example.org:8006'],
    auth: { method: 'token', user: 'monitor@pve', token: 'muster' },
    pins: [],
    intervalSeconds: 10,
    enabled: true,
    options: NO_OPTIONS,
    source: 'proxmox:01890a5d-ac96-774b-bcce-b302099a8057',
    version: 1,
    createdAt: '2026-11-01T09:00:00Z',
    updatedAt: '2026-11-01T09:00:00Z',
    poll: {
      intervalSeconds: 10,
      lastAttemptAt: '2026-11-21T09:00:00Z',
      lastSuccessAt: '2026-11-21T09:00:00Z',
      nextAt: '2026-11-21T09:00:10Z',
      consecutiveFailures: 0,
      lastError: null,
    },
    observed: {
      collectedAt: '2026-11-21T09:00:00Z',
      degraded: false,
      issueCount: 0,
      issues: [],
      counts: { guests: 12, nodes: 3 },
      requests: 100,
    },
    ...given,
  };
}
