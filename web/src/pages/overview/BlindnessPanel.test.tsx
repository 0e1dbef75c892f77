import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { Overview } from '~/api/types';
import { answerRequests, renderApp } from '~/test/render';

it('counts what it does not name', async () => {
  open({ degraded: [{ id: 'agent:web1', issueCount: 1, issues: [] }], degradedTotal: 3 });
  expect(await screen.findByText(/and 2 more sources with missing parts; see/)).toBeVisible();
});

it('counts one in the singular', async () => {
  open({ degraded: [{ id: 'agent:web1', issueCount: 1, issues: [] }], degradedTotal: 2 });
  expect(await screen.findByText(/and 1 more source with missing parts; see/)).toBeVisible();
});

function open(blind: Partial<Overview['blindness']>) {
  const overview: Overview = {
    revision: 1,
    updatedAt: '2026-11-21T09:00:00Z',
    total: 1,
    byStatus: { online: 1 },
    kinds: [],
    systems: {},
    worst: [],
    worstTotal: 0,
    blindness: {
      sources: 4,
      silent: [],
      silentTotal: 0,
      degraded: [],
      degradedTotal: 0,
      unseenResources: 0,
      undecidedIdentities: 0,
      unknownReadings: [],
      knownReadings: 100,
      ...blind,
    },
    fullest: [],
  };
  const user = { id: 'u', name: 'ada', role: 'admin', scopes: [], sessionExpiresAt: '2026-11-28T09:00:00Z' };
  answerRequests({
    '/api/session': { body: { setupRequired: false, user, csrfToken: 'csrf' } },
    '/api/overview': { body: overview },
  });
  renderApp('/');
}
