import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { HistoryStats, Problem, Session, System } from '~/api/types';
import { LiveStore } from '~/live/store';
import { answerRequests, renderApp, type Answer } from '~/test/render';
import { aResource } from '~/test/resources';

const signedIn: Session = {
  setupRequired: false,
  user: { id: 'u', name: 'ada', role: 'admin', scopes: [], sessionExpiresAt: '2026-11-28T09:00:00Z' },
  csrfToken: 'csrf',
};

/** The application with somebody signed in and these resources known; `null` for none heard of yet. */
function open(path: string, resources: ReturnType<typeof aResource>[] | null, answers: Record<string, Answer> = {}) {
  const asked = answerRequests({
    '/api/session': { body: signedIn },
    '/api/state': { body: { connectedInfrastructure: [] } },
    ...answers,
  });
  const store = new LiveStore();
  if (resources) store.adopt({ revision: 1, resources });
  return { ...renderApp(path, null, store), asked };
}

describe('the Infrastructure page (UX-7)', () => {
  it('is a skeleton before the first answer', async () => {
    open('/infrastructure', null);
    expect(await screen.findByRole('status', { name: 'Loading the resources' })).toBeVisible();
  });

  it('explains an empty estate and the next step', async () => {
    open('/infrastructure', []);
    expect(await screen.findByText('No hosts yet')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Look at the sources' })).toHaveAttribute('href', '/system');
  });

  it('tells filters that nothing passes from an empty estate, and clears them', async () => {
    const { router } = open('/infrastructure?q=nothing', [aResource({ id: 'agent-1', name: 'web1' })]);
    expect(await screen.findByText('Nothing passes the filters')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Clear the filters' }));
    expect(router.state.location.href).toBe('/infrastructure');
  });

  it('keeps the order in the address', async () => {
    const { router } = open('/infrastructure', [aResource({ id: 'agent-1', name: 'web1' })]);
    const head = await screen.findByRole('columnheader', { name: 'Status' });
    await userEvent.click(within(head).getByRole('button'));
    expect(router.state.location.href).toBe('/infrastructure?sort=status');
  });
});

describe('the page of a resource', () => {
  const missing: Problem = {
    type: 'urn:muster:problem:resource_not_found',
    title: 'No such resource',
    status: 404,
    code: 'resource_not_found',
    detail: 'There is no resource agent-9.',
    requestId: 'req-9',
  };

  it('says that a resource is not there, and what to do', async () => {
    open('/resources/agent-9', [], { '/api/resources/agent-9': { status: 404, body: missing } });
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('No such resource');
    expect(alert).toHaveTextContent('Search for it by name');
    expect(alert).toHaveTextContent('req-9');
  });

  it('says who has fallen silent and that the rest is what was last known', async () => {
    const stale = aResource({
      id: 'agent-1',
      name: 'web1',
      status: 'warning',
      sources: [
        { source: 'agent:web1', key: 'web1', status: 'stale', evidence: [{ kind: 'machine_id', value: 'abc' }] },
      ],
    });
    open('/resources/agent-1', [stale]);
    expect(await screen.findByText('Nobody has reported this recently')).toBeVisible();
    expect(screen.getByText(/agent:web1 \(stale\)/)).toBeVisible();
    const why = screen.getByRole('region', { name: 'Why this is one resource' });
    expect(within(why).getByText(/Same machine id/)).toBeVisible();
  });
});

it('the Charts page says where older points could not be had from', async () => {
  const host = aResource({
    id: 'agent-1',
    name: 'web1',
    metrics: { cpu: { state: 'known', value: 5, at: '2026-11-21T09:00:00Z', source: 'agent:web1', unit: 'percent' } },
  });
  const board = {
    stepSeconds: 10,
    times: [0],
    series: [],
    unknownResources: [],
    archiveError: 'no route to the store',
  };
  open('/charts', [host], { '/api/metrics/sparklines': { body: board } });
  const said = await screen.findByText(/older points are missing/);
  expect(said).toHaveAttribute('data-tip', 'no route to the store');
});

const system: System = {
  version: '0.1.0',
  startedAt: '2026-11-21T08:00:00Z',
  now: '2026-11-21T09:00:00Z',
  listen: '127.0.0.1:8420',
  memoryBytes: null,
  engine: {
    revision: 1,
    resources: 1,
    sweeps: 1,
    reports: 1,
    queuedReports: 0,
    rejected: 0,
    skewedReports: 0,
    lostChanges: 0,
    lastSweepMilliseconds: null,
    lastSweepAt: null,
    uncommittedEntries: 3,
  },
  store: { engine: 'sqlite', sizeBytes: 1024, lastError: 'disk full' },
  history: {
    series: 1,
    activeSeries: 94,
    samplesPerDay: 812_160,
    storedSamples: 77_900,
    memoryBytes: 1_900_000,
    shedSamples: 0,
    lostSamples: 0,
    damagedChunks: 0,
    damagedBlocks: 0,
    damagedLogs: 0,
    lostResources: 0,
    tiers: [
      { tier: 'raw', points: 77_900, bytes: 120_000, oldest: '2026-11-21T08:00:00Z', newest: '2026-11-21T08:00:00Z' },
      {
        tier: 'minute',
        points: 13_000,
        bytes: 60_000,
        oldest: '2026-11-21T08:00:00Z',
        newest: '2026-11-21T08:00:00Z',
      },
    ],
    retention: {
      rawSeconds: 7 * 86_400,
      minuteSeconds: 90 * 86_400,
      tenMinutesSeconds: 730 * 86_400,
      hourSeconds: 3650 * 86_400,
    },
    forecast: {
      bytesPerDay: 1_500_000,
      bytesAfterYear: 88_000_000,
      bytesAtRest: 160_000_000,
      tiers: [
        { tier: 'raw', bytesPerDay: 1_200_000, bytesAtRest: 8_400_000 },
        { tier: 'minute', bytesPerDay: 250_000, bytesAtRest: 22_500_000 },
        { tier: 'tenMinutes', bytesPerDay: 40_000, bytesAtRest: 29_200_000 },
        { tier: 'hour', bytesPerDay: 10_000, bytesAtRest: 36_500_000 },
      ],
    },
    samples: 1,
    sizeBytes: 1,
    bytesPerSample: null,
    lastDurableAt: null,
    pendingSweeps: 0,
    lateSamples: 0,
    lastError: null,
  },
  liveClients: 0,
};

it('the System page names what the server could not say, and its troubles', async () => {
  open('/system', [], {
    '/api/system': { body: system },
    '/api/sources': { body: { items: [], nextPageToken: null, revision: 1 } },
  });
  expect(await screen.findByText('The state database does not accept writes')).toBeVisible();
  expect(screen.getByText(/disk full/)).toBeVisible();
  expect(screen.getByText('unknown')).toBeVisible();
  expect(screen.getByText('No source has reported yet')).toBeVisible();
  const cost = screen.getByRole('region', { name: 'What the history costs' });
  expect(within(cost).getByText('1.4 MiB')).toBeVisible();
  expect(within(cost).getByRole('row', { name: /^Minutes \(1 min\) 90 days/ })).toBeVisible();
  expect(within(cost).getByRole('row', { name: /^Hours \(1 h\) 10 years nothing yet/ })).toBeVisible();
});

it('the System page answers what another retention would cost', async () => {
  const { history } = system;
  const proposal: HistoryStats['proposal'] = {
    retention: history.retention,
    forecast: { ...history.forecast, bytesAtRest: 2 ** 30 },
    bytesAtRestChange: 2 ** 29,
  };
  const { asked } = open('/system', [], {
    '/api/system': { body: system },
    '/api/sources': { body: { items: [], nextPageToken: null, revision: 1 } },
    '/api/history/stats': { body: { ...history, proposal } },
  });
  const field = await screen.findByLabelText('Minutes');
  await userEvent.clear(field);
  await userEvent.type(field, '1y{Enter}');
  expect(await screen.findByText('1 GiB')).toBeVisible();
  expect(screen.getByText(/512 MiB more than now/)).toBeVisible();
  expect(asked.find(({ url }) => url.includes('/history/stats'))?.url).toMatch(/stats\?minute=1y$/);
});

it('the System page calls unknown what nothing sampled can tell, and not zero (UX-7)', async () => {
  const nothing = { bytesPerDay: 0, bytesAtRest: 0 };
  const { tiers } = system.history.forecast;
  const forecast = { ...nothing, bytesAfterYear: 0, tiers: tiers.map(({ tier }) => ({ tier, ...nothing })) };
  const history = { ...system.history, activeSeries: 0, samplesPerDay: 0, forecast };
  const proposal = { retention: history.retention, forecast, bytesAtRestChange: 0 };
  open('/system', [], {
    '/api/system': { body: { ...system, history } },
    '/api/sources': { body: { items: [], nextPageToken: null, revision: 1 } },
    '/api/history/stats': { body: { ...history, proposal } },
  });
  const cost = await screen.findByRole('region', { name: 'What the history costs' });
  // Three figures for all of it, and what a day brings of each resolution.
  expect(within(cost).getAllByText('unknown')).toHaveLength(3 + tiers.length);
  await userEvent.clear(screen.getByLabelText('Minutes'));
  await userEvent.type(screen.getByLabelText('Minutes'), '1y{Enter}');
  expect(await within(cost).findByText(/nothing to say about the future/, { selector: '[role=status]' })).toBeVisible();
  expect(cost).not.toHaveTextContent(/(^|[^\d.])0 B/);
});

it('the System page shows at its field which retention is not possible', async () => {
  const message = 'must be a span from 1d to 3650d, such as 90d';
  open('/system', [], {
    '/api/system': { body: system },
    '/api/sources': { body: { items: [], nextPageToken: null, revision: 1 } },
    '/api/history/stats': {
      status: 400,
      body: {
        title: 'Invalid query',
        status: 400,
        code: 'invalid_query',
        detail: '',
        errors: [{ field: 'minute', message }],
      },
    },
  });
  const field = await screen.findByLabelText('Minutes');
  await userEvent.clear(field);
  await userEvent.type(field, 'long{Enter}');
  expect(await screen.findByText(`It ${message}.`)).toBeVisible();
  expect(field).toBeInvalid();
});
