import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { FacetOf } from '~/api/types';
import { Facts } from '~/components/Facts';
import { aGuest, aNode } from '~/test/facets';
import { renderPlain } from '~/test/render';
import { aResource } from '~/test/resources';
import { GuestPanels } from './GuestPanels';
import { guestSections, nodeSections } from './platformSections';

it('lists the interfaces and disks of a guest, and says what nobody told', () => {
  renderPlain(
    <GuestPanels
      resource={guestOf({
        interfaces: [
          {
            name: 'net0',
            guestName: 'eth0',
            macAddress: 'bc:24:11:00:00:01',
            model: 'virtio',
            bridge: 'vmbr0',
            vlan: 20,
            addresses: [],
            up: false,
          },
        ],
        disks: [{ slot: 'scsi0', storage: 'local-zfs', volume: 'vm-100-disk-0', sizeBytes: null }],
      })}
    />,
  );
  const interfaces = within(screen.getByRole('region', { name: 'Interfaces of the guest' }));
  expect(interfaces.getByText('vmbr0')).toBeVisible();
  expect(interfaces.getByText('unplugged')).toBeVisible();
  expect(interfaces.getByText('unknown')).toBeVisible();
  expect(within(screen.getByRole('region', { name: 'Disks of the guest' })).getByText('unknown')).toBeVisible();
  expect(screen.queryByRole('region', { name: 'Replication' })).toBeNull();
});

it('explains where the use of memory comes from, and how good that is (R-65, R-66)', () => {
  renderPlain(
    guestSections(aGuest({ memorySource: 'status-mem' })).map(({ title, facts }) => (
      <Facts key={title} facts={facts} />
    )),
  );
  expect(screen.getByText(/which counts the guest's cache as used/)).toBeVisible();
  expect(screen.getByText(/^rough/)).toBeVisible();
});

it('puts the codes of a node in words, and leaves the name of a storage as it is', () => {
  const facts = (diskSource: string, subscriptionStatus: string) => {
    const all = nodeSections(aNode({ diskSource, subscriptionStatus })).flatMap(section => section.facts);
    return ['Disk use from', 'Its state'].map(term => all.find(fact => fact.term === term)?.value);
  };
  expect(facts('node-status-rootfs', 'notfound')).toEqual(["the node's own root filesystem", 'there is none']);
  expect(facts('local-zfs', 'odd')).toEqual(['local-zfs', 'odd']);
});

it('says nothing of trust where nothing runs', () => {
  renderPlain(
    guestSections(aGuest({ memorySource: 'powered-off' })).map(({ title, facts }) => (
      <Facts key={title} facts={facts} />
    )),
  );
  expect(screen.getByText('nowhere: it does not run')).toBeVisible();
  expect(screen.queryByText('How good that is')).toBeNull();
});

function guestOf(facet: Partial<FacetOf<'guest'>>) {
  return aResource({ id: 'vm-1', kind: 'vm', facets: [{ ...aGuest(facet), source: 'proxmox:lab' }] });
}
