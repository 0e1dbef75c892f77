import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { ConnectedSystem, Connection, ResourceSource, Scope, Surface } from '~/api/types';
import { LiveStore } from '~/live/store';
import { aConnection } from '~/test/connections';
import { answerRequests, renderApp } from '~/test/render';
import { aResource } from '~/test/resources';

const agent: Surface = {
  id: 'agent:1',
  kind: 'agent',
  label: 'pve1',
  controlId: '1',
  action: 'stop-monitoring',
  idLabel: 'Agent ID',
  idValue: '1',
};
const platform: Surface = { ...agent, id: 'p', kind: 'proxmox', controlId: null, action: null };
const system: ConnectedSystem = {
  id: 'system:1',
  name: 'pve1',
  type: 'proxmox-node',
  hostname: 'pve1.example.org',
  status: 'active',
  healthStatus: 'online',
  lastSeen: Date.parse('2026-11-21T09:00:00Z'),
  removedAt: null,
  removedBy: null,
  version: '9.1',
  linkedNodeId: null,
  scopeAgentId: '1',
  resourceIds: ['agent-1'],
  surfaces: [agent, platform],
  explanation: 'Agent and node name each other.',
};
const ignored: ConnectedSystem = {
  ...system,
  id: 'ignored:agent:2',
  name: 'attic',
  type: null,
  hostname: null,
  status: 'ignored',
  healthStatus: null,
  lastSeen: null,
  removedAt: Date.parse('2026-11-20T09:00:00Z'),
  removedBy: 'ada',
  resourceIds: [],
  surfaces: [{ ...agent, controlId: '2', action: 'allow-reconnect' }],
};

describe('the connected systems (R-173 to R-175)', () => {
  it('say what becomes of a machine that is ignored, and ignore it', async () => {
    const asked = open([system], ['connections:write']);
    const row = within(await screen.findByRole('row', { name: /pve1/ }));
    expect(row.getByText('Proxmox VE')).toBeVisible();
    await userEvent.click(row.getByRole('button', { name: 'Ignore the Agent of pve1' }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByText(/What comes by Proxmox VE stays as it is/)).toBeVisible();
    await userEvent.click(dialog.getByRole('button', { name: 'Ignore' }));
    expect(await sent(asked, '/ignore')).toEqual({ kind: 'agent', controlId: '1' });
  });

  it('lead back from what is ignored', async () => {
    const asked = open([ignored], ['connections:write']);
    const panel = within(await screen.findByRole('region', { name: 'Ignored' }));
    expect(panel.getByText('ada')).toBeVisible();
    await userEvent.click(panel.getByRole('button', { name: 'Listen to attic again' }));
    expect(await sent(asked, '/restore')).toEqual({ kind: 'agent', controlId: '2' });
  });

  it('are shown some at a time, and found by name', async () => {
    open(
      Array.from({ length: 450 }, (_, place) => ({ ...system, id: `system:${place}`, name: `host-${place}.` })),
      ['connections:write'],
    );
    const panel = await screen.findByRole('region', { name: 'Connected systems' });
    // The row of headings, too.
    expect(panel.querySelectorAll('tr')).toHaveLength(201);
    await userEvent.click(within(panel).getByText('Show more'));
    expect(panel.querySelectorAll('tr')).toHaveLength(401);
    await userEvent.type(screen.getByRole('searchbox', { name: 'Name of a system' }), 'HOST-44.');
    expect(screen.getByRole('region', { name: 'Connected systems' }).querySelectorAll('tr')).toHaveLength(2);
  });

  it('offer nothing to those who may only look', async () => {
    open([system, ignored], ['inventory:read']);
    await screen.findByRole('region', { name: 'Ignored' });
    expect(screen.queryByRole('button', { name: /^(Ignore|Listen)/ })).toBeNull();
  });
});

it('say by which connection, as two clusters may have nodes of one name', async () => {
  const connection = aConnection({ name: 'attic' });
  const store = new LiveStore();
  const sources = [connection.source, 'agent:local'].map((source): ResourceSource => ({
    source,
    key: 'node/pve1',
    status: 'online',
    evidence: [],
  }));
  store.adopt({ revision: 1, resources: [aResource({ id: 'agent-1', sources })] });
  open([system], [], store, connection);
  const row = within(await screen.findByRole('row', { name: /pve1/ }));
  expect(await row.findByText('attic')).toBeVisible();
});

function open(rows: ConnectedSystem[], scopes: Scope[], store = new LiveStore(), ...connections: Connection[]) {
  const user = { id: 'u', name: 'ada', role: 'admin', scopes, sessionExpiresAt: '2026-11-28T09:00:00Z' };
  const asked = answerRequests({
    '/api/session': { body: { setupRequired: false, user, csrfToken: 'csrf' } },
    '/api/state': { body: { connectedInfrastructure: rows } },
    '/api/connections': { body: { items: connections, nextPageToken: null } },
    '/api/connected-infrastructure/ignore': { body: ignored },
    '/api/connected-infrastructure/restore': { body: null },
  });
  renderApp('/connections/systems', null, store);
  return asked;
}

async function sent(asked: readonly Request[], path: string): Promise<unknown> {
  return asked.find(({ url }) => url.endsWith(path))?.json();
}
