import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { GuestMemoryDecision } from '~/api/types';
import { LiveStore } from '~/live/store';
import { aConnection } from '~/test/connections';
import { aGuest } from '~/test/facets';
import { answerRequests, renderApp } from '~/test/render';
import { aResource } from '~/test/resources';

const MIB = 1024 * 1024;
const connection = aConnection({});

const NOTHING_READ: GuestMemoryDecision['raw'] = {
  listingMem: null,
  listingMaxmem: null,
  statusMem: null,
  statusFreemem: null,
  statusMaxmem: null,
  balloon: null,
  balloonMin: null,
  meminfoUsed: null,
  meminfoFree: null,
  meminfoTotal: null,
  meminfoAvailable: null,
  meminfoBuffers: null,
  meminfoCached: null,
  meminfoShared: null,
  meminfoTotalMinusUsed: null,
  rrdAvailable: null,
  rrdUsed: null,
  guestAgentMemAvailable: null,
  agent: null,
};

const decision: GuestMemoryDecision = {
  key: 'qemu/100',
  guestType: 'qemu',
  node: 'pve1',
  name: 'web',
  vmid: 100,
  status: 'running',
  retrievedAt: '2026-11-21T09:00:00Z',
  memorySource: 'status-mem',
  trust: 'fallback',
  fallbackReason: 'status-mem',
  memory: { totalBytes: 4096 * MIB, usedBytes: 3072 * MIB, freeBytes: 1024 * MIB, usagePercent: 75 },
  raw: { ...NOTHING_READ, statusMem: 3072 * MIB, balloon: 4096 * MIB },
  notes: ['preserved-previous-memory-after-repeated-low-trust-pattern'],
};

it('tells why a memory is the number that it is, once somebody asks (R-67, R-68)', async () => {
  const asked = open();
  const panel = within(await screen.findByRole('region', { name: 'How its memory is known' }));
  const path = `/api/connections/${connection.id}/memory`;
  const askedForIt = () => asked.some(({ url }) => new URL(url).pathname === path);
  expect(askedForIt()).toBe(false);
  await userEvent.click(panel.getByText('Why is it this number?'));
  expect(await panel.findByText("the platform's status, which counts the guest's cache as used")).toBeVisible();
  expect(askedForIt()).toBe(true);
  expect(panel.getByText('75 %')).toBeVisible();
  expect(panel.getByText('the earlier value: a good source went away, and a rough one jumped')).toBeVisible();
  // The source itself is no reason.
  expect(panel.queryByText('Nothing better')).toBeNull();
  const rows = panel.getAllByRole('row').map(row => row.textContent);
  expect(rows).toEqual(['The status: in use3 GiB', 'The status: left by the balloon4 GiB']);
});

function open() {
  const user = { id: 'u', name: 'ada', role: 'viewer', scopes: [], sessionExpiresAt: '2026-11-28T09:00:00Z' };
  const asked = answerRequests({
    '/api/session': { body: { setupRequired: false, user, csrfToken: 'csrf' } },
    '/api/connections': { body: { items: [connection], nextPageToken: null } },
    [`/api/connections/${connection.id}/memory`]: { body: { nodes: [], guests: [decision] } },
  });
  const store = new LiveStore();
  const guest = aResource({
    id: 'vm-1',
    kind: 'vm',
    sources: [{ source: connection.source, key: 'qemu/100', status: 'online', evidence: [] }],
    facets: [{ ...aGuest({ memorySource: 'status-mem' }), source: connection.source }],
  });
  store.adopt({ revision: 1, resources: [guest] });
  renderApp('/resources/vm-1', null, store);
  return asked;
}
