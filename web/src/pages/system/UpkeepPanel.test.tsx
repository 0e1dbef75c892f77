import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { Session } from '~/api/types';
import { answerRequests, renderApp, type Answer } from '~/test/render';
import { attachmentName } from './upkeep';

const save = vi.hoisted(() => vi.fn());
vi.mock('~/files/download', async original => ({ ...(await original<object>()), downloadBlob: save }));

function open(scopes: NonNullable<Session['user']>['scopes'], answers: Record<string, Answer> = {}) {
  const user = { id: 'u', name: 'ada', role: 'admin', scopes, sessionExpiresAt: '2026-11-28T09:00:00Z' } as const;
  const asked = answerRequests({
    '/api/session': { body: { setupRequired: false, user, csrfToken: 'csrf' } },
    '/api/state': { body: { connectedInfrastructure: [] } },
    '/api/sources': { body: { items: [], nextPageToken: null, revision: 1 } },
    ...answers,
  });
  renderApp('/system');
  return asked;
}

it('hands a backup to the browser', async () => {
  const asked = open(['system:admin'], { '/api/system/backup': { body: 'an archive' } });
  const panel = await screen.findByRole('region', { name: 'Upkeep' });
  await userEvent.click(within(panel).getByRole('button', { name: 'Download a backup' }));
  expect(await within(panel).findByText('muster.tar.zst was handed to the browser.')).toBeVisible();
  const request = asked.find(request => request.url.endsWith('/api/system/backup'));
  expect([request?.method, request?.headers.get('x-csrf-token')]).toEqual(['POST', 'csrf']);
  expect(save).toHaveBeenCalledExactlyOnceWith('muster.tar.zst', expect.any(Blob));
});

it('says what a reload brought into force, and what waits', async () => {
  const body = { inForce: ['log.level'], needRestart: ['agent.interval'] };
  open(['system:admin'], { '/api/system/reload': { body } });
  const panel = await screen.findByRole('region', { name: 'Upkeep' });
  await userEvent.click(within(panel).getByRole('button', { name: 'Reload configuration' }));
  expect(await within(panel).findByText('In force now: log.level.')).toBeVisible();
  expect(within(panel).getByText('Waits for a restart: agent.interval.')).toBeVisible();
});

it('says when a reload has changed nothing', async () => {
  open(['system:admin'], { '/api/system/reload': { body: { inForce: [], needRestart: [] } } });
  const panel = await screen.findByRole('region', { name: 'Upkeep' });
  await userEvent.click(within(panel).getByRole('button', { name: 'Reload configuration' }));
  expect(await within(panel).findByText(/nothing in it has changed/)).toBeVisible();
});

it('is for administrators', async () => {
  open([]);
  await screen.findByRole('region', { name: 'Self-examination' });
  expect(screen.queryByRole('region', { name: 'Upkeep' })).toBeNull();
});

it('names the file as the server does', () => {
  expect(attachmentName('attachment; filename="muster-2026-11-21T09-00-00Z.tar.zst"')).toBe(
    'muster-2026-11-21T09-00-00Z.tar.zst',
  );
  expect(attachmentName('attachment; filename="../x"')).toBe('muster.tar.zst');
});
