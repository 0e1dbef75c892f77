import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { FacetOf, Resource } from '~/api/types';
import { aDisk, aNode, aProtection, aZfsPool } from '~/test/facets';
import { answerRequests, renderApp, renderPlain } from '~/test/render';
import { aResource } from '~/test/resources';
import { LiveStore } from '~/live/store';
import { poolsOn } from './pools';
import { ProtectionPanels } from './ProtectionPanels';
import { deviceStatus, diskNamed } from './zfs';

const SOURCE = 'proxmox:lab';

it('finds the pools that lie on a disk of the same machine, partitions included', () => {
  const disk = aResource({ id: 'disk', parentId: 'host' });
  const md = aPool('md', 'host', ['sda3', 'nvme0n1p2']);
  const elsewhere = aPool('elsewhere', 'other', ['sda3']);
  const zfs = aResource({
    id: 'zfs',
    facets: [{ ...aZfsPool({ node: 'pve1', devices: [aDevice('sda')] }), source: SOURCE }],
  });
  const found = (device: string, node?: string) =>
    poolsOn(disk, device, node, [md, elsewhere, zfs]).map(({ id }) => id);
  expect(found('sda')).toEqual(['md']);
  expect(found('sda', 'pve1')).toEqual(['md', 'zfs']);
  expect(found('sda', 'pve2')).toEqual(['md']);
  expect(found('nvme0n1')).toEqual(['md']);
  expect(found('sd')).toEqual([]);
  expect(found('nvme0n')).toEqual([]);
});

it('knows the disk that a device of a pool lies on, by the node that has both', () => {
  const node = aResource({ id: 'node', facets: [{ ...aNode({ node: 'pve1' }), source: SOURCE }] });
  const disk = aResource({ id: 'disk', parentId: 'node', facets: [{ ...aDisk({ device: 'sda' }), source: SOURCE }] });
  const resources = new Map([node, disk].map(each => [each.id, each]));
  expect(diskNamed(resources, 'pve1', 'sda')).toBe(disk);
  expect(diskNamed(resources, 'pve2', 'sda')).toBeUndefined();
  expect(diskNamed(resources, 'pve1', 'sdb')).toBeUndefined();
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

async function openDisk(facet: FacetOf<'physicalDisk'>) {
  const user = { id: 'u', name: 'ada', role: 'viewer', scopes: [], sessionExpiresAt: '2026-11-28T09:00:00Z' };
  answerRequests({ '/api/session': { body: { setupRequired: false, user, csrfToken: 'csrf' } } });
  const store = new LiveStore();
  const disk = aResource({ id: 'disk-1', kind: 'physical_disk', facets: [{ ...facet, source: SOURCE }] });
  store.adopt({ revision: 1, resources: [disk] });
  renderApp('/resources/disk-1', null, store);
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
