import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { Session } from '~/api/types';
import { answerRequests, renderApp } from '~/test/render';
import { report } from './doctorText.test';

function open(scopes: NonNullable<Session['user']>['scopes']) {
  const user = { id: 'u', name: 'ada', role: 'admin', scopes, sessionExpiresAt: '2026-11-28T09:00:00Z' } as const;
  const asked = answerRequests({
    '/api/session': { body: { setupRequired: false, user, csrfToken: 'csrf' } },
    '/api/state': { body: { connectedInfrastructure: [] } },
    '/api/sources': { body: { items: [], nextPageToken: null, revision: 1 } },
    '/api/system/doctor': { body: report },
  });
  renderApp('/system');
  return asked;
}

it('examines when asked, and says what to do (UX-10)', async () => {
  const asked = open(['system:admin']);
  const panel = await screen.findByRole('region', { name: 'Self-examination' });
  const doctor = () => asked.filter(request => request.url.endsWith('/api/system/doctor')).length;
  expect(doctor()).toBe(0);
  await userEvent.click(within(panel).getByRole('button', { name: 'Examine' }));
  expect(await within(panel).findByText('Free some space.')).toBeVisible();
  expect(within(panel).getByText('Fails')).toBeVisible();
  expect(within(panel).getByText('set, not shown')).toBeVisible();
  expect(within(panel).queryByText('agent.local')).toBeNull();
  await userEvent.click(within(panel).getByRole('checkbox', { name: /have their default/ }));
  expect(within(panel).getByText('agent.local')).toBeVisible();
  expect(within(panel).getByRole('button', { name: 'Copy as text' })).toBeEnabled();
});

it('says why somebody may not', async () => {
  open([]);
  const panel = await screen.findByRole('region', { name: 'Self-examination' });
  expect(await within(panel).findByText(/needs the right to administer/)).toBeVisible();
  expect(within(panel).getByRole('button', { name: 'Examine' })).toBeDisabled();
});
