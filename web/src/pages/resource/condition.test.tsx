import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { FacetOf, Resource } from '~/api/types';
import { aDisk, aNode, aProtection, aZfsPool } from '~/test/facets';
import { answerRequests, renderApp, renderPlain } from '~/test/render';
import { aResource } from '~/test/resources';
import { LiveStore } from '~/live/store';
import { BackupPanel } from './BackupPanel';
import { poolsOn } from './pools';
import { ProtectionPanels } from './ProtectionPanels';
import { deviceStatus } from './zfs';

const SOURCE = 'proxmox:lab';

it('finds the pools that lie on a disk of the same machine, partitions included', () => {
  const disk = aResource({ id: 'disk', parentId: 'host' });
  const md = aPool('md', 'host', ['sda3', 'nvme0n1p2']);
  const elsewhere = aPool('elsewhere', 'other', ['sda3']);
  const zfs = (id: string, parentId: string) =>
    aResource({ id, parentId, facets: [{ ...aZfsPool({ node: 'pve1', devices: [aDevice('sda')] }), source: SOURCE }] });
  // The node of another cluster is called the same.
  const all = [md, elsewhere, zfs('zfs', 'host'), zfs('zfs2', 'other')];
  const found = (device: string) => poolsOn(disk, device, all).map(({ id }) => id);
  expect(found('sda')).toEqual(['md', 'zfs']);
  expect(found('nvme0n1')).toEqual(['md']);
  expect(found('sd')).toEqual([]);
  expect(found('nvme0n')).toEqual([]);
  expect(poolsOn(aResource({ id: 'lost' }), 'sda', [...all, aResource({ id: 'lost too' })])).toEqual([]);
});

it('leads from a device of a pool to the disk of the same machine, not to one of another cluster', async () => {
  const machines = ['a', 'b'].flatMap(cluster => [
    aResource({ id: `node-${cluster}`, facets: [{ ...aNode({ node: 'pve1' }), source: `proxmox:${cluster}` }] }),
    aResource({
      id: `disk-${cluster}`,
      kind: 'physical_disk',
      parentId: `node-${cluster}`,
      facets: [{ ...aDisk({ device: 'sda' }), source: `proxmox:${cluster}` }],
    }),
  ]);
  const pool = aResource({
    id: 'storage-b',
    kind: 'storage',
    parentId: 'node-b',
    facets: [{ ...aZfsPool({ devices: [aDevice('sda'), aDevice('sdb')], devicesTotal: 2 }), source: 'proxmox:b' }],
  });
  open('storage-b', [...machines, pool]);
  const panel = within(await screen.findByRole('region', { name: 'Devices of tank' }));
  expect(panel.getByRole('link', { name: 'sda' })).toHaveAttribute('href', '/resources/disk-b');
  expect(panel.queryByRole('link', { name: 'sdb' })).toBeNull();
});

it('takes a word of ZFS that it does not know for neither good nor bad', () => {
  expect(['ONLINE', 'degraded', 'FAULTED', 'SOMETHING'].map(deviceStatus)).toEqual([
    'online',
    'warning',
    'offline',
    'unknown',
  ]);
});

it('tells no backup from nobody being able to look (D-9)', () => {
  const { unmount } = renderPlain(<ProtectionPanels resource={protectedBy({ state: 'missing', covered: false })} />);
  const backups = () => within(screen.getByRole('region', { name: 'Backups' }));
  expect(backups().getByText('Every place that may hold one was looked into.')).toBeVisible();
  expect(backups().getByText('No job that is switched on')).toBeVisible();
  unmount();
  renderPlain(<ProtectionPanels resource={protectedBy({ state: 'unknown', covered: null, copies: null })} />);
  expect(backups().getByText(/not every place that may hold one/)).toBeVisible();
  expect(backups().getAllByText('unknown')).toHaveLength(2);
  expect(within(screen.getByRole('region', { name: 'Snapshots' })).getByText('unknown')).toBeVisible();
});

it('shows the risk of a disk with its reasons, and what nobody told as unknown', async () => {
  const disk = aDisk({
    smart: 'passed',
    risk: {
      level: 'critical',
      reasons: [{ code: 'pending_sectors', severity: 'critical', summary: '12 sectors wait to be replaced.' }],
    },
  });
  await openDisk(disk);
  const panel = within(await screen.findByRole('region', { name: 'Condition' }));
  expect(panel.getByText('Replace it now')).toBeVisible();
  expect(panel.getByText('12 sectors wait to be replaced.')).toBeVisible();
  expect(panel.getByText('passed')).toBeVisible();
  expect(panel.getAllByText('unknown').length).toBeGreaterThan(5);
  expect(panel.getByText('None that a source has told of.')).toBeVisible();
});

it('does not call a disk healthy whose verdict nobody has read', async () => {
  await openDisk(aDisk({}));
  const panel = within(await screen.findByRole('region', { name: 'Condition' }));
  expect(panel.getByText('Unknown: nobody has read its SMART verdict')).toBeVisible();
});

it('shows the risk of a disk that sleeps, too', async () => {
  const condition = { ...aDisk({}).condition, standby: true };
  await openDisk(aDisk({ condition, risk: { level: 'warning', reasons: [] } }));
  const panel = within(await screen.findByRole('region', { name: 'Condition' }));
  expect(panel.getByText('Plan its replacement')).toBeVisible();
  expect(panel.getByText(/^It sleeps/)).toBeVisible();
});

it('asks for the wear only of a disk that does not spin', async () => {
  await openDisk(aDisk({ rotational: true }));
  const panel = within(await screen.findByRole('region', { name: 'Condition' }));
  expect(panel.getByText('Pending sectors')).toBeVisible();
  expect(panel.queryByText('Life left')).toBeNull();
});

it('takes a job whose plan or choice is not understood for unknown, not for none (D-9)', () => {
  const job = {
    id: 'nightly',
    enabled: true,
    schedule: 'whenever',
    nextRunAt: null,
    mode: null,
    node: null,
    selection: { type: 'unknown' as const },
    guests: 0,
    comment: null,
  };
  const facet: FacetOf<'backupTarget'> = {
    facet: 'backupTarget',
    jobs: [job],
    copies: null,
    guests: null,
    newestAt: null,
    failedVerifications: null,
  };
  renderPlain(<BackupPanel resource={aResource({ id: 'storage-1', facets: [{ ...facet, source: SOURCE }] })} />);
  const cells = within(screen.getByRole('row', { name: /nightly/ })).getAllByRole('cell');
  expect(cells[1]).toHaveTextContent('unknown');
  expect(cells[2]).toHaveTextContent('unknown');
});

it('says how many snapshots are listed, and asks no container for memory', () => {
  const one = { name: 'before', takenAt: null, parent: null, withMemory: null, description: null };
  const snapshots = { count: 500, newest: [one], current: null, oldestAt: null, newestAt: null };
  const facets = [{ ...aProtection({ snapshots }), source: SOURCE }];
  const panel = () => within(screen.getByRole('region', { name: 'Snapshots' }));
  const { unmount } = renderPlain(<ProtectionPanels resource={aResource({ id: 'vm-1', kind: 'vm', facets })} />);
  expect(panel().getByText(/^1 of 500/)).toBeVisible();
  expect(panel().getAllByRole('cell')[3]).toHaveTextContent('unknown');
  unmount();
  renderPlain(<ProtectionPanels resource={aResource({ id: 'ct-1', kind: 'system-container', facets })} />);
  expect(panel().queryByRole('columnheader', { name: 'Memory' })).toBeNull();
});

function open(id: string, resources: Resource[]) {
  const user = { id: 'u', name: 'ada', role: 'viewer', scopes: [], sessionExpiresAt: '2026-11-28T09:00:00Z' };
  answerRequests({ '/api/session': { body: { setupRequired: false, user, csrfToken: 'csrf' } } });
  const store = new LiveStore();
  store.adopt({ revision: 1, resources });
  renderApp(`/resources/${id}`, null, store);
}

async function openDisk(facet: FacetOf<'physicalDisk'>) {
  open('disk-1', [aResource({ id: 'disk-1', kind: 'physical_disk', facets: [{ ...facet, source: SOURCE }] })]);
  await screen.findByRole('heading', { level: 1, name: 'disk-1' });
}

function aPool(id: string, parentId: string, members: string[]): Resource {
  return aResource({
    id,
    parentId,
    facets: [
      {
        facet: 'storagePool',
        source: 'agent:local',
        technology: 'md',
        layout: null,
        state: 'healthy',
        totalBytes: null,
        members,
        membersExpected: null,
      },
    ],
  });
}

function aDevice(disk: string): FacetOf<'zfsPool'>['devices'][number] {
  return {
    name: disk,
    depth: 0,
    state: 'ONLINE',
    readErrors: 0,
    writeErrors: 0,
    checksumErrors: 0,
    message: null,
    disk,
  };
}

function protectedBy(backup: Partial<FacetOf<'protection'>['backup']>): Resource {
  const facet = aProtection({});
  return aResource({ id: 'vm-1', facets: [{ ...facet, backup: { ...facet.backup, ...backup }, source: SOURCE }] });
}
