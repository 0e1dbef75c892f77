import { expect, it } from 'vitest';
import type { ResourceKind } from '~/api/types';
import { aResource } from '~/test/resources';
import { wordsBelow } from './below';
import type { TreeRow } from './rows';

it('says that there are more kinds than it names, each in its plural', () => {
  const kinds: ResourceKind[] = ['vm', 'vm', 'vm', 'storage', 'storage', 'physical_disk', 'physical_disk'];
  expect(wordsBelow([above(kinds)])).toBe('3 virtual machines, 2 storages, 2 disks');
  expect(wordsBelow([above([...kinds, 'ceph'])])).toBe('3 virtual machines, 2 storages, 2 disks and more');
  expect(wordsBelow([above([])])).toBe('');
});

function above(kinds: ResourceKind[]): TreeRow {
  return { ...row('agent', 'agent'), children: kinds.map((kind, place) => row(`${kind}-${place}`, kind)) };
}

function row(id: string, kind: ResourceKind): Extract<TreeRow, { type: 'resource' }> {
  return { type: 'resource', id, resource: aResource({ id, kind }), children: [] };
}
