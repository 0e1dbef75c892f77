import { describe, expect, it } from 'vitest';
import type { CallProbe, Connection } from '~/api/types';
import { aConnection } from '~/test/connections';
import { aResource } from '~/test/resources';
import { authOf, draftOf, EMPTY, endpointsOf, hasPin, isBelieved, needsSecret, togglePin } from './draft';
import { grantCommands, quoted } from './grants';
import { connectionState, countWords } from './health';
import { perMinute, withCount, type CountAt } from './requestRate';
import { grantsOf, sortedCalls, summary } from './rights';
import { seenThrough } from './seenThrough';

const NOW = Date.parse('2026-11-21T09:00:00Z');

describe('the state of a connection', () => {
  const state = (change: Partial<Connection>, now = NOW) => connectionState(aConnection(change), now).text;
  const poll = aConnection({}).poll;

  it('is green only while looks succeed (D-26)', () => {
    expect(connectionState(aConnection({}), NOW)).toEqual({ status: 'online', text: 'Connected' });
    expect(state({}, NOW + 59_000)).toBe('Connected');
    expect(connectionState(aConnection({}), NOW + 61_000)).toEqual({ status: 'warning', text: 'Late' });
  });

  it('names the failure, whatever was seen before', () => {
    const lastError = { at: '2026-11-21T09:00:00Z', category: 'unauthorised', message: '' };
    expect(state({ poll: { ...poll, lastError } })).toBe('The credentials are not accepted');
    expect(state({ poll: { ...poll, lastError: { ...lastError, category: 'of another age' } } })).toBe('It failed');
  });

  it('tells a connection that is off from one that was never looked at', () => {
    expect(state({ enabled: false })).toBe('Switched off');
    expect(state({ poll: { ...poll, lastSuccessAt: null } })).toBe('Not looked at yet');
  });

  it('warns of missing parts', () => {
    expect(state({ observed: { ...aConnection({}).observed, degraded: true } })).toBe('Parts are missing');
  });

  it('counts what it sees', () => {
    expect(countWords({ nodes: 1, guests: 200, zones: 2 })).toBe('1 node, 200 guests, zones 2');
    expect(countWords({})).toBe('');
  });
});

describe('requests a minute', () => {
  const after = (...given: CountAt[]) => perMinute(given.reduce<CountAt[]>(withCount, []));

  it('are unknown until counts span long enough', () => {
    expect(after()).toBeNull();
    expect(after({ at: 0, count: 5 }, { at: 10_000, count: 10 })).toBeNull();
    expect(after({ at: 0, count: 5 }, { at: 30_000, count: 20 })).toBe(30);
  });

  it('begin anew with the count', () => {
    expect(after({ at: 0, count: 500 }, { at: 30_000, count: 1 })).toBeNull();
  });

  it('forget what is long ago', () => {
    expect(after({ at: 0, count: 0 }, { at: 600_000, count: 1000 }, { at: 660_000, count: 1012 })).toBe(12);
  });
});

describe('the draft', () => {
  it('reads addresses as people write them', () => {
    expect(endpointsOf(' pve1,pve2:8443\nhttps://pve3:8006 pve1 ')).toEqual([
      'https://pve1',
      'https://pve2:8443',
      'https://pve3:8006',
    ]);
    expect(endpointsOf(' \n')).toEqual([]);
  });

  it.each([
    ['token', 'monitor@pve!muster', { method: 'token', user: 'monitor@pve', token: 'muster' }],
    ['token', 'monitor@pve', undefined],
    ['token', 'monitor!muster', undefined],
    ['token', 'a@b!c!d', undefined],
    ['password', 'monitor@pve', { method: 'password', user: 'monitor@pve' }],
    ['password', 'monitor@pve!muster', undefined],
  ] as const)('reads the login of a %s: %s', (method, login, auth) => {
    expect(authOf({ method, login })).toEqual(auth);
  });

  it('knows a fingerprint in any spelling', () => {
    expect(hasPin(['aabbcc'], 'AA:BB:CC')).toBe(true);
    expect(togglePin(['aabbcc'], 'AA:BB:CC')).toEqual([]);
    expect(togglePin([], 'AA:BB:CC')).toEqual(['AA:BB:CC']);
  });

  it('believes what the system vouches for or somebody approved', () => {
    const certificate = {
      fingerprint: 'AA:BB',
      subject: '',
      issuer: '',
      notBefore: '',
      notAfter: '',
      trusted: false,
      pinned: false,
    };
    const endpoint = { endpoint: 'https://pve1:8006', failure: null, certificate };
    expect(isBelieved(endpoint, [])).toBe(false);
    expect(isBelieved(endpoint, ['aabb'])).toBe(true);
    expect(isBelieved({ ...endpoint, certificate: { ...certificate, trusted: true } }, [])).toBe(true);
    expect(isBelieved({ ...endpoint, certificate: null }, ['aabb'])).toBe(false);
  });

  it('asks for the secret again where it would go elsewhere (D-20)', () => {
    const connection = aConnection({ pins: ['AA:BB'] });
    const draft = draftOf(connection);
    expect(needsSecret(connection, draft)).toBe(false);
    expect(needsSecret(connection, { ...draft, name: 'other', intervalSeconds: 60, pins: ['aabb'] })).toBe(false);
    expect(needsSecret(connection, { ...draft, addresses: 'pve1.example.org' })).toBe(false);
    expect(needsSecret(connection, { ...draft, addresses: 'evil.example.org' })).toBe(true);
    expect(needsSecret(connection, { ...draft, addresses: 'pve1.example.org:9999' })).toBe(true);
    expect(needsSecret(connection, { ...draft, pins: [] })).toBe(true);
    expect(needsSecret(connection, { ...draft, login: 'root@pam!muster' })).toBe(true);
    expect(needsSecret(connection, { ...draft, method: 'password' })).toBe(true);
  });
});

describe('the commands', () => {
  const lines = (...given: Parameters<typeof grantCommands>) => grantCommands(...given).flatMap(each => each.lines);

  it('make a user and a token, and let both read', () => {
    expect(lines(EMPTY, '9', false)).toEqual([
      'pveum user add monitor@pve --comment Muster',
      'pveum user token add monitor@pve muster --privsep 1',
      "pveum acl modify / --users monitor@pve --tokens 'monitor@pve!muster' --roles PVEAuditor",
    ]);
  });

  it('know which right asks an agent on which version', () => {
    expect(lines(EMPTY, '8', true).join('\n')).toContain('--privs VM.Monitor');
    expect(lines(EMPTY, '9', true).join('\n')).not.toContain('VM.Monitor');
  });

  it('never let a name become a command', () => {
    expect(quoted("a'; rm -rf /")).toBe(String.raw`'a'\''; rm -rf /'`);
    const evil = lines({ method: 'token', login: 'a@pve!$(reboot)' }, '9', true);
    expect(evil.filter(line => line.includes('reboot')).every(line => line.includes("$(reboot)'"))).toBe(true);
  });

  it('wait until the login is written out', () => {
    expect(lines({ method: 'token', login: 'monitor' }, '9', false)).toEqual([]);
  });
});

describe('the permission doctor', () => {
  const call = (state: CallProbe['state'], grant: string | null = null): CallProbe => ({
    call: `GET /${state}`,
    right: '',
    state,
    detail: null,
    without: '',
    grant,
  });

  it('says what is missing first, and each command once', () => {
    const calls = [call('absent'), call('granted'), call('partial', 'a'), call('refused', 'b'), call('refused', 'a')];
    expect(sortedCalls(calls).map(({ state }) => state)).toEqual([
      'refused',
      'refused',
      'partial',
      'granted',
      'absent',
    ]);
    expect(grantsOf(calls)).toEqual(['a', 'b']);
    expect(summary(calls)).toBe('1 of 4 calls are granted, 2 refused, 1 granted in part.');
    expect(summary([call('granted'), call('absent')])).toBe('1 of 1 call is granted: nothing stays empty.');
  });
});

it('counts whom a removal takes away', () => {
  const seen = (id: string, ...sources: string[]) =>
    aResource({ id, sources: sources.map(source => ({ source, key: id, status: 'online', evidence: [] })) });
  const resources = [seen('vm-1', 'proxmox:a'), seen('agent-1', 'proxmox:a', 'agent:web1'), seen('agent-2', 'agent:b')];
  expect(seenThrough(resources, 'proxmox:a')).toEqual({ alone: 1, shared: 1 });
});
