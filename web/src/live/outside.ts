// The live connection's outside world in a browser.
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { Outside, Socket } from './connection';

function socketUrl(since: number | null): string {
  const url = new URL('/ws', window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  if (since !== null) url.searchParams.set('since', String(since));
  return url.href;
}

export const browserOutside: Outside = {
  openSocket: since => new WebSocket(socketUrl(since)) as Socket,
  readState: () => unwrap('the state', api.GET('/api/state', { params: { query: { parts: 'resources' } } })),
  later: (milliseconds, action) => {
    const timer = window.setTimeout(action, milliseconds);
    return () => {
      window.clearTimeout(timer);
    };
  },
  now: () => Date.now(),
  random: () => Math.random(),
};
