import { screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { LiveStore } from '~/live/store';
import { answerRequests, renderApp } from '~/test/render';
import { aResource } from '~/test/resources';

it('a resource that has just joined is waited for, while the others stay drawn (D-9)', async () => {
  everythingIsOnScreen();
  const { answers, store } = twoHosts();
  answerRequests(answers);
  const { router } = renderApp('/charts?q=web1', null, store);
  const first = await screen.findByRole('region', { name: 'web1: CPU' });
  expect(await within(first).findByText('5.0 %')).toBeVisible();
  const noAnswer = vi.fn(() => new Promise<Response>(() => undefined));
  vi.stubGlobal('fetch', noAnswer);
  await router.navigate({ to: '/charts' });
  const joined = await screen.findByRole('region', { name: 'web2: CPU' });
  await waitFor(() => {
    expect(noAnswer).toHaveBeenCalled();
  });
  expect(joined).not.toHaveTextContent('Nothing was recorded');
  expect(within(first).getByText('5.0 %')).toBeVisible();
});

/** `web1` has a history, and the one answer that there is names no other. */
function twoHosts() {
  const cpu = { state: 'known', value: 5, at: '2026-11-21T09:00:00Z', source: 'agent:a', unit: 'percent' } as const;
  const resources = ['web1', 'web2'].map((name, index) => aResource({ id: `agent-${index}`, name, metrics: { cpu } }));
  const store = new LiveStore();
  store.adopt({ revision: 1, resources });
  const user = { id: 'u', name: 'ada', role: 'admin', scopes: [], sessionExpiresAt: '2026-11-28T09:00:00Z' };
  const series = [{ resourceId: 'agent-0', metric: 'cpu', values: [5], gaps: [] }];
  const answers = {
    '/api/session': { body: { setupRequired: false, user, csrfToken: 'csrf' } },
    '/api/state': { body: { connectedInfrastructure: [] } },
    '/api/metrics/sparklines': { body: { stepSeconds: 10, times: [0], series, unknownResources: [] } },
  };
  return { answers, store };
}

/** Tells whoever asks that an element is on the screen. */
function everythingIsOnScreen() {
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(private readonly tell: (entries: { target: Element; isIntersecting: boolean }[]) => void) {}
      observe = (target: Element) => {
        this.tell([{ target, isIntersecting: true }]);
      };
      unobserve = () => undefined;
    },
  );
}
