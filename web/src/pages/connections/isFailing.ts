// Whether what a connection reports cannot be relied on just now. By itself, because the start page asks, which is to be
// there at once.
import type { Connection } from '~/api/types';

export function isFailing({ enabled, poll }: Pick<Connection, 'enabled' | 'poll'>): boolean {
  return enabled && poll.lastError !== null && poll.lastError !== undefined;
}
