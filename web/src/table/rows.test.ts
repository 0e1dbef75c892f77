import { describe, expect, it } from 'vitest';
import type { ConnectedSystem, Resource } from '~/api/types';
import { aNode, aStorage } from '~/test/facets';
import { aResource } from '~/test/resources';
import { flatRows, groupedRows, treeRows, type TreeRow } from './rows';
import { naturalKey, sortValue } from './sortValue';
import type { Filter } from './view';

const host = aResource({ id: 'agent-1', name: 'web1' });
const other = aResource({ id: 'agent-2', name: 'db', status: 'offline' });
const root = aResource({ id: 'storage-1', name: '/', kind: 'storage', parentId: 'agent-1' });
const data = aResource({ id: 'storage-2', name: '/data', kind: 'storage', parentId: 'agent-2' });
const all = new Map([host, other, root, data].map(resource => [resource.id, resource]));
const everything: Filter = { kinds: [], statuses: [], sources: [], tags: [], text: '' };

/** `web1(/)`: a row and in brackets what stands below it. */
const drawn = (rows: readonly TreeRow[]): string =>
  rows
    .map(
      row =>
        (row.type === 'heading' ? row.name : row.resource.name) +
        (row.children.length > 0 ? `(${drawn(row.children)})` : ''),
    )
    .join(' ');

describe('the tree', () => {
  const tree = (filter: Partial<Filter>, resources: ReadonlyMap<string, Resource> = all) =>
    drawn(treeRows(resources, [], { ...everything, ...filter }));

  it('puts parts below their host', () => {
    expect(tree({})).toBe('web1(/) db(/data)');
  });

  it('keeps a host for the sake of a part that passes', () => {
    expect(tree({ text: '/data' })).toBe('db(/data)');
    expect(tree({ kinds: ['storage'] })).toBe('web1(/) db(/data)');
  });

  it('shows the parts of a host that was searched for', () => {
    expect(tree({ text: 'web' })).toBe('web1(/)');
  });

  it('filters parts by their own attributes', () => {
    expect(tree({ kinds: ['agent'] })).toBe('web1 db');
    expect(tree({ statuses: ['offline'] })).toBe('db');
  });

  it('shows a part whose host is not there', () => {
    expect(tree({}, new Map([[root.id, root]]))).toBe('/');
  });

  it('puts what a cluster has below a heading for it; two of one name on two connections are two', () => {
    const node = (id: string, source: string, status: Resource['status'] = 'online') =>
      aResource({
        id,
        name: id,
        status,
        identity: { ...host.identity, clusterName: 'lab' },
        facets: [{ ...aNode({ node: id, cluster: 'lab' }), source }],
      });
    const shared = aResource({
      id: 'nfs',
      kind: 'storage',
      identity: { ...host.identity, clusterName: 'lab' },
      facets: [{ ...aStorage({ shared: true }), source: 'proxmox:a' }],
    });
    const guest = (id: string) => aResource({ id, kind: 'vm', parentId: 'pve1' });
    const members = [
      guest('vm-1'),
      guest('vm-2'),
      aResource({ id: 'disk', kind: 'physical_disk', parentId: 'pve1' }),
      node('pve1', 'proxmox:a'),
      node('pve2', 'proxmox:a', 'offline'),
      node('pve3', 'proxmox:b'),
      shared,
    ];
    const rows = treeRows(new Map([...members, host].map(each => [each.id, each])), [], everything);
    expect(drawn(rows)).toBe('lab(pve1(vm-1 vm-2 disk) pve2 nfs) lab(pve3) web1');
    // A closed cluster still says how much it holds, and that something in it is down.
    const about = 'of one cluster: 2 virtual machines, 1 disk';
    expect(rows[0]).toMatchObject({ type: 'heading', status: 'offline', about });
  });

  it('groups systems of several members, and no others', () => {
    const system = (name: string, resourceIds: string[]): ConnectedSystem => ({
      id: name,
      name,
      type: 'host',
      hostname: null,
      status: 'active',
      healthStatus: 'online',
      lastSeen: null,
      removedAt: null,
      removedBy: null,
      linkedNodeId: null,
      scopeAgentId: null,
      version: null,
      resourceIds,
      surfaces: [],
      explanation: '',
    });
    expect(drawn(treeRows(all, [system('lab', ['agent-1', 'agent-2'])], everything))).toBe('lab(web1(/) db(/data))');
    expect(drawn(treeRows(all, [system('one', ['agent-1'])], everything))).toBe('web1(/) db(/data)');
  });
});

it('lists every resource for itself', () => {
  expect(drawn(flatRows(all, { ...everything, kinds: ['storage'] }))).toBe('/ /data');
  expect(drawn(flatRows(all, { ...everything, sources: ['agent:other'] }))).toBe('');
});

describe('groups', () => {
  it('stand under a heading that is as bad as the worst in it', () => {
    const groups = groupedRows(flatRows(all, { ...everything, kinds: ['agent'] }), 'kind');
    expect(drawn(groups)).toBe('Hosts(web1 db)');
    expect(groups[0]).toMatchObject({ type: 'heading', status: 'offline' });
  });

  it('hold what belongs to several of them once each, as rows of their own', () => {
    const both = aResource({ id: 'agent-3', name: 'both', tags: ['a', 'b'] });
    const rows = flatRows(
      new Map([
        [both.id, both],
        [host.id, host],
      ]),
      everything,
    );
    const groups = groupedRows(rows, 'tag');
    expect(drawn(groups)).toBe('a(both) b(both) No tag(web1)');
    const ids = groups.flatMap(({ children }) => children.map(({ id }) => id));
    expect(new Set(ids).size).toBe(3);
  });

  it('name what nothing else is part of', () => {
    expect(drawn(groupedRows(flatRows(all, { ...everything, text: '/data' }), 'parent'))).toBe(
      'Part of nothing(/data)',
    );
  });
});

it('filters by tag', () => {
  const tagged = aResource({ id: 'agent-3', name: 'lab1', tags: ['lab'] });
  expect(drawn(flatRows(new Map([...all, [tagged.id, tagged]]), { ...everything, tags: ['lab', 'other'] }))).toBe(
    'lab1',
  );
});

it('sorts numbers in names as numbers, and unknown values as neither much nor little', () => {
  expect(['web10', 'web2', 'Web1'].toSorted((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))).toEqual([
    'Web1',
    'web2',
    'web10',
  ]);
  const row: TreeRow = { type: 'resource', id: host.id, resource: host, children: [] };
  const readings = new Map([
    [host.id, { lastSeen: null, metrics: { cpu: { state: 'unknown' as const, reason: null } } }],
  ]);
  expect(sortValue(row, 'cpu', readings)).toBeUndefined();
});
