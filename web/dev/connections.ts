// Two connections of the stand-in: one that works and one that does not.
import type { Connection } from '../src/api/types.ts';
import { NO_OPTIONS } from '../src/test/connections.ts';

const IDS = ['01890a5d-ac96-774b-bcce-b302099a8057', '01890a5d-ac96-774b-bcce-b302099a8058'] as const;
const SECOND = 1000;

function connection(id: string, name: string, host: string): Connection {
  const ago = (seconds: number) => new Date(Date.now() - seconds * SECOND).toISOString();
  return {
    id,
    platform: 'proxmox-pve',
    name,
    endpoints: [`https://${host}:8006`],
    auth: { method: 'token', user: 'monitor@pve', token: 'muster' },
    pins: [],
    intervalSeconds: 10,
    enabled: true,
    options: NO_OPTIONS,
    source: `proxmox:${id}`,
    version: 1,
    createdAt: ago(86_400),
    updatedAt: ago(86_400),
    poll: {
      intervalSeconds: 10,
      lastAttemptAt: ago(4),
      lastSuccessAt: ago(4),
      nextAt: ago(-6),
      consecutiveFailures: 0,
      lastError: null,
    },
    observed: {
      collectedAt: ago(4),
      degraded: false,
      issueCount: 0,
      issues: [],
      counts: { guests: 12, nodes: 3, storages: 5 },
      requests: Math.floor(Date.now() / SECOND),
    },
  };
}

export function connectionsNow(): Connection[] {
  const [works, fails] = [
    connection(IDS[0], 'lab', 'pve1.example.org'),
    connection(IDS[1], 'attic', 'pve9.example.org'),
  ];
  const at = fails.poll.lastAttemptAt ?? fails.createdAt;
  const message = 'The token `monitor@pve!muster` is refused; make another one and give its secret.';
  return [
    works,
    { ...fails, poll: { ...fails.poll, consecutiveFailures: 7, lastError: { at, category: 'unauthorised', message } } },
  ];
}
