import { expect, it } from 'vitest';
import type { FacetOf, Resource } from '~/api/types';
import { aResource } from '~/test/resources';
import { aDisk, aGuest, aNode, aStorage } from '~/test/facets';
import { columnMetric, diskShare, sparkMetric } from './diskShare';
import { diskDoubt, memoryDoubt } from './doubt';
import { FACT_COLUMNS, readFact } from './facts';

const SOURCE = 'proxmox:lab';
const guestOf = (facet: Partial<FacetOf<'guest'>>): Resource =>
  aResource({ id: 'vm-1', kind: 'vm', facets: [{ ...aGuest(facet), source: SOURCE }] });

it('reads what a platform says of a guest', () => {
  const guest = guestOf({ nativeId: '100', node: 'pve1', pool: 'web', lock: 'backup', haState: 'started' });
  const read = (column: Parameters<typeof readFact>[1]) => readFact(guest, column)?.text;
  expect([read('number'), read('node'), read('pool'), read('lock'), read('ha')]).toEqual([
    '100',
    'pve1',
    'web',
    'backup',
    'started',
  ]);
  expect(readFact(guest, 'number')?.number).toBe(100);
});

it('tells a fact that cannot be from one that nobody told (D-9)', () => {
  const disk = (smart: 'unknown' | 'failed') =>
    aResource({ id: 'physical_disk-1', facets: [{ ...aDisk({ smart }), source: SOURCE }] });
  expect(readFact(guestOf({}), 'smart')).toBeUndefined();
  expect(readFact(disk('unknown'), 'smart')).toBeNull();
  expect(readFact(disk('failed'), 'smart')?.text).toBe('failed');
  expect(readFact(disk('failed'), 'size')).toBeNull();
});

it('sorts disks by risk and life, and calls none fit whose verdict nobody has read (R-97)', () => {
  const read = (facet: Partial<FacetOf<'physicalDisk'>>, column: 'risk' | 'life') =>
    readFact(aResource({ id: 'physical_disk-1', facets: [{ ...aDisk(facet), source: SOURCE }] }), column);
  const worn = { ...aDisk({}).condition, lifeLeftPercent: 7 };
  expect(read({ risk: { level: 'critical', reasons: [] } }, 'risk')).toEqual({
    text: 'Replace it now',
    status: 'offline',
    rank: 3,
  });
  expect(read({ smart: 'passed' }, 'risk')).toEqual({ text: 'none', rank: 0 });
  expect(read({}, 'risk')).toBeNull();
  expect(read({ condition: worn }, 'life')).toEqual({ text: '7 %', number: 7 });
  expect(read({}, 'life')).toBeNull();
  expect(read({ rotational: true }, 'life')).toBeUndefined();
});

it('takes the use of Ceph for its share of space, as that of a storage', () => {
  expect([diskShare('ceph'), diskShare('storage'), diskShare('agent'), diskShare('physical_disk')]).toEqual([
    'usage',
    'usage',
    'disk',
    undefined,
  ]);
  expect(sparkMetric('ceph')).toBe('usage');
});

it('shows the temperature that SMART tells of a disk, and the sensor of anything else', () => {
  expect(columnMetric('temperature', 'physical_disk')).toBe('smart_temp');
  expect(columnMetric('temperature', 'agent')).toBe('temperature');
  expect(columnMetric('used', 'physical_disk')).toBe('used');
});

it('reads storages and nodes, and nothing of what is neither', () => {
  const storage = aResource({
    id: 'storage-1',
    facets: [{ ...aStorage({ shared: true, nodes: ['pve1', 'pve2'], poolState: 'degraded' }), source: SOURCE }],
  });
  expect(readFact(storage, 'shared')?.text).toBe('shared');
  expect(readFact(storage, 'nodes')?.text).toBe('pve1, pve2');
  expect(readFact(storage, 'poolState')?.text).toBe('degraded');
  const node = aResource({ id: 'agent-1', facets: [{ ...aNode({ cluster: 'lab', version: '9.1' }), source: SOURCE }] });
  expect([readFact(node, 'cluster')?.text, readFact(node, 'version')?.text]).toEqual(['lab', '9.1']);
  for (const column of FACT_COLUMNS) expect(readFact(aResource({ id: 'agent-2' }), column)).toBeUndefined();
});

it('says why a value of a guest is not to be taken at its word (R-66, R-77)', () => {
  expect(diskDoubt(guestOf({ diskStatus: 'agent-not-running' }))).toContain('agent inside does not run');
  expect(diskDoubt(guestOf({ diskStatus: null }))).toBeUndefined();
  expect(memoryDoubt(guestOf({ memorySource: 'status-mem' }))).toContain('cache may count as used');
  expect(memoryDoubt(guestOf({ memorySource: 'available-field' }))).toBeUndefined();
});
