// How a connection is, in a mark and few words. Never green while the last good look is old. Pure.
import type { Connection, Status } from '~/api/types';
import { MILLISECONDS, toMillis } from '~/format/time';
import { counted, formatCount } from '~/format/units';
import { failureWords } from './failure';

export type ConnectionState = { status: Status; text: string };

/** So many intervals may pass without a good look before a connection is late. */
const PATIENCE_INTERVALS = 3;
const PATIENCE_MS = MILLISECONDS.MINUTE;

type Looked = Pick<Connection, 'enabled' | 'poll' | 'observed'>;

export function connectionState({ enabled, poll, observed }: Looked, now: number): ConnectionState {
  if (!enabled) return { status: 'unknown', text: 'Switched off' };
  if (poll.lastError) return { status: 'offline', text: failureWords(poll.lastError).title };
  const last = toMillis(poll.lastSuccessAt);
  if (last === null) return { status: 'unknown', text: 'Not looked at yet' };
  const patience = Math.max(PATIENCE_MS, PATIENCE_INTERVALS * poll.intervalSeconds * MILLISECONDS.SECOND);
  if (now - last > patience) return { status: 'warning', text: 'Late' };
  return observed.degraded ? { status: 'warning', text: 'Parts are missing' } : { status: 'online', text: 'Connected' };
}

const ONE: Partial<Record<string, string>> = { nodes: 'node', guests: 'guest', storages: 'storage', disks: 'disk' };

/** `4 nodes, 200 guests`; empty before the first look. */
export function countWords(counts: Connection['observed']['counts']): string {
  const words = Object.entries(counts).map(([what, count]) => {
    const one = ONE[what];
    return one === undefined ? `${what} ${formatCount(count)}` : counted(count, one, what);
  });
  return words.join(', ');
}
