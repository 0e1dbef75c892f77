// What somebody writes into the form of a connection, apart from the secret, and what becomes of it. Pure.
import type { Connection, ConnectionAuth, EndpointProbe } from '~/api/types';

export type Method = ConnectionAuth['method'];

export type Options = Connection['options'];

export type Draft = {
  /** As written: separated by white space or commas. */
  addresses: string;
  method: Method;
  /** `user@realm!name` for a token, `user@realm` for a password. */
  login: string;
  pins: readonly string[];
  name: string;
  intervalSeconds: number;
  /** Of a connection that exists; another one starts with the usual ones. */
  options: Options | null;
};

/** On which the platform listens unless somebody has changed it. */
const OWN_PORT = 8006;
const SHORTEST_INTERVAL = 10;

export const EMPTY: Draft = {
  addresses: '',
  method: 'token',
  login: 'monitor@pve!muster',
  pins: [],
  name: '',
  intervalSeconds: SHORTEST_INTERVAL,
  options: null,
};

export function draftOf({ endpoints, auth, pins, name, intervalSeconds, options }: Connection): Draft {
  const [addresses, login] = [endpoints.join('\n'), loginOf(auth)];
  return { addresses, method: auth.method, login, pins, name, intervalSeconds, options };
}

export function loginOf(auth: ConnectionAuth): string {
  switch (auth.method) {
    case 'token':
      return `${auth.user}!${auth.token}`;
    case 'password':
      return auth.user;
  }
}

/** The addresses one by one. Who writes no scheme means the one that the platform speaks. */
export function endpointsOf(addresses: string): string[] {
  const words = addresses.split(/[\s,]+/).filter(Boolean);
  return [...new Set(words.map(word => (word.includes('://') ? word : `https://${word}`)))];
}

/** As the server stores an address: with its port. */
function withPort(endpoint: string): string {
  const plain = endpoint.replace(/\/+$/, '').toLowerCase();
  return /:\d+$/.test(plain) ? plain : `${plain}:${OWN_PORT}`;
}

/** Who we are; undefined where the login is not of the form that the method needs. */
export function authOf({ method, login }: Pick<Draft, 'method' | 'login'>): ConnectionAuth | undefined {
  const [user = '', token = '', ...rest] = login.trim().split('!');
  if (!/^[^\s@]+@[^\s@]+$/.test(user) || rest.length > 0) return undefined;
  switch (method) {
    case 'token':
      return /^\S+$/.test(token) ? { method, user, token } : undefined;
    case 'password':
      return login.includes('!') ? undefined : { method, user };
  }
}

/** Fingerprints are the same with and without colons, in any case. */
function plainPin(pin: string): string {
  return pin.replaceAll(/[^0-9a-f]/gi, '').toUpperCase();
}

export function hasPin(pins: readonly string[], fingerprint: string): boolean {
  return pins.some(pin => plainPin(pin) === plainPin(fingerprint));
}

export function togglePin(pins: readonly string[], fingerprint: string): string[] {
  return hasPin(pins, fingerprint)
    ? pins.filter(pin => plainPin(pin) !== plainPin(fingerprint))
    : [...pins, fingerprint];
}

/** Whether an entry point's certificate would be believed: the system vouches for it, or somebody approved it. */
export function isBelieved({ certificate }: EndpointProbe, pins: readonly string[]): boolean {
  return (
    certificate !== null && certificate !== undefined && (certificate.trusted || hasPin(pins, certificate.fingerprint))
  );
}

const sameSet = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every(each => other.includes(each));

/** Whether the stored secret is not for these addresses, pins or this user, so that it must be given again (D-20). */
export function needsSecret(connection: Connection, draft: Draft): boolean {
  const before = draftOf(connection);
  return (
    !sameSet(connection.endpoints.map(withPort), endpointsOf(draft.addresses).map(withPort)) ||
    !sameSet(before.pins.map(plainPin), draft.pins.map(plainPin)) ||
    before.method !== draft.method ||
    before.login !== draft.login.trim()
  );
}
