import { expect, it } from 'vitest';
import type { Resource } from '~/api/types';
import { aConnection } from '~/test/connections';
import { aStorage } from '~/test/facets';
import { aResource } from '~/test/resources';
import { consoleLink } from './consoleLink';

const connection = aConnection({});
const seenAs = (key: string, rest: Partial<Resource> = {}) =>
  aResource({ id: 'vm-1', sources: [{ source: connection.source, key, status: 'online', evidence: [] }], ...rest });
const link = (key: string, rest: Partial<Resource> = {}) => consoleLink(seenAs(key, rest), [connection]);
const BASE = 'https://pve1.example.org:8006/#v1:0:=';

it('leads to the place in the tree of the platform', () => {
  expect(link('qemu/100')).toBe(`${BASE}qemu%2F100:4`);
  expect(link('lxc/101')).toBe(`${BASE}lxc%2F101:4`);
  expect(link('node/pve1')).toBe(`${BASE}node%2Fpve1:4`);
  expect(link('storage/pve1/local')).toBe(`${BASE}storage%2Fpve1%2Flocal:4`);
});

it('finds a shared storage below the first of its nodes', () => {
  const storage = { ...aStorage({ storage: 'nfs', shared: true, nodes: ['pve2', 'pve3'] }), source: connection.source };
  expect(link('storage/nfs', { facets: [storage] })).toBe(`${BASE}storage%2Fpve2%2Fnfs:4`);
  expect(link('storage/nfs')).toBeUndefined();
});

it('leads nowhere where there is no such page, or no connection', () => {
  expect(link('disk/pve1//dev/sda')).toBeUndefined();
  expect(consoleLink(seenAs('qemu/100'), [])).toBeUndefined();
});

it('follows nothing but the web', () => {
  const evil = aConnection({ endpoints: ['javascript:alert(1)//', 'data:text/html,x'] });
  expect(consoleLink(seenAs('qemu/100'), [evil])).toBeUndefined();
});
