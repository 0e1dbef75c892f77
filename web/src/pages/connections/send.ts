// What the form sends: a probe without credentials, one with them, and the connection itself.
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { Connection, ProbeRequest } from '~/api/types';
import { authOf, endpointsOf, type Draft } from './draft';
import { PLATFORMS } from './platform';
import { put } from './useConnectionChange';

const PLATFORM = PLATFORMS[0].value;

/** Nobody writes a field that says nothing. */
const given = (secret: string) => (secret === '' ? null : secret);

/** Who answers, before anybody is told who we are. */
export function askWho(based: Connection | undefined, { addresses, pins }: Draft): ProbeRequest {
  const platform = based?.platform ?? PLATFORM;
  return { platform, endpoints: endpointsOf(addresses), auth: null, secret: null, pins: [...pins], connection: null };
}

/** What we may see; without a secret the stored one is used. */
export function askWith(based: Connection | undefined, draft: Draft, secret: string): ProbeRequest {
  const auth = authOf(draft) ?? null;
  return { ...askWho(based, draft), auth, secret: given(secret), connection: based?.id ?? null };
}

/** Makes the connection, or puts it in the place of the one that it is based on. */
export function save(based: Connection | undefined, draft: Draft, secret: string): Promise<Connection> {
  const auth = authOf(draft);
  if (!auth) throw new Error('the form was sent without a login');
  const { name, pins, intervalSeconds } = draft;
  const changed = {
    name: name.trim(),
    endpoints: endpointsOf(draft.addresses),
    auth,
    pins: [...pins],
    intervalSeconds,
  };
  // Options are changed as a whole.
  if (based) return put(based, { ...changed, options: draft.options, secret: given(secret) });
  const body = { ...changed, platform: PLATFORM, secret, enabled: true };
  return unwrap(`to connect ${body.name}`, api.POST('/api/connections', { body }));
}
