import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { LiveStore } from '~/live/store';
import { answerRequests, renderApp } from '~/test/render';

it('leads to systems and to who is who, from the navigation and from the palette', async () => {
  const user = { id: 'u', name: 'ada', role: 'viewer', scopes: [], sessionExpiresAt: '2026-11-28T09:00:00Z' };
  answerRequests({
    '/api/session': { body: { setupRequired: false, user, csrfToken: 'csrf' } },
    '/api/conflicts': { body: { items: [], nextPageToken: null } },
    '/api/rulings': { body: { items: [], nextPageToken: null } },
  });
  const store = new LiveStore();
  store.adopt({ revision: 1, resources: [] });
  renderApp('/connections/identity', null, store);
  const pages = await screen.findByRole('navigation', { name: 'Pages' });
  const links = [...pages.querySelectorAll('a')].map(link => [link.textContent, link.getAttribute('href')]);
  expect(links).toContainEqual(['Systems', '/connections/systems']);
  expect(links).toContainEqual(['Who is who', '/connections/identity']);
  await userEvent.keyboard('{Control>}k{/Control}');
  await userEvent.type(await screen.findByRole('combobox', { name: /^Find/ }), 'who is');
  expect(await screen.findByRole('option', { name: /^Who is who.*Connections$/ })).toBeVisible();
});
