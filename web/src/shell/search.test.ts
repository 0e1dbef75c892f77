import { expect, it } from 'vitest';
import { aResource } from '~/test/resources';
import { search, searchEntry } from './search';

const base = aResource({ id: 'agent-0000000000000001', name: 'web1' });
const entries = [
  aResource({ id: 'agent-2', name: 'proxy-for-web' }),
  aResource({
    id: 'agent-1',
    name: 'web1',
    identity: { ...base.identity, serial: 'SN123', ipAddresses: ['10.0.0.5'], macAddresses: ['52:54:00:12:34:56'] },
  }),
  aResource({ id: 'storage-1', name: '/srv', parentName: 'web1' }),
].map(searchEntry);

it.each(['10.0.0.5', '52:54:00:12', 'sn123', 'agent-1', 'WEB1 10.0'])('finds a host by %s', query => {
  expect(search(entries, query)[0]).toBe('agent-1');
});

it('puts names that begin with the words first', () => {
  expect(search(entries, 'web')).toEqual(['agent-1', 'agent-2', 'storage-1']);
});

it('finds nothing for nothing', () => {
  expect(search(entries, '  ')).toEqual([]);
  expect(search(entries, 'nowhere')).toEqual([]);
});

it('looks through ten thousand resources at once, and answers with no more than can be read', () => {
  const many = Array.from({ length: 10_000 }, (_, index) =>
    searchEntry(aResource({ id: `agent-${index}`, name: `node${index}` })),
  );
  expect(search(many, 'node')).toHaveLength(50);
  expect(search(many, 'node9999')).toEqual(['agent-9999']);
});
