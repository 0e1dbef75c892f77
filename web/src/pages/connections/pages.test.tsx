import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Connection, ProbeResult, Scope } from '~/api/types';
import { aConnection, NO_OPTIONS } from '~/test/connections';
import { answerRequests, renderApp, type Answer } from '~/test/render';

const SECRET = '01234567-89ab-cdef-0123-456789abcdef';
const FINGERPRINT = 'AB:CD:EF';

const probed: ProbeResult = {
  endpoints: [
    {
      endpoint: 'https://pve1.example.org:8006',
      failure: null,
      certificate: {
        fingerprint: FINGERPRINT,
        subject: 'CN=pve1',
        issuer: 'CN=Proxmox Virtual Environment',
        notBefore: '2026-01-01T00:00:00Z',
        notAfter: '2028-01-01T00:00:00Z',
        trusted: false,
        pinned: false,
      },
    },
  ],
  version: '9.1.2',
  cluster: 'lab',
  nodes: ['pve1', 'pve2'],
  failure: null,
  calls: [
    { call: 'GET /version', right: 'none', state: 'granted', detail: null, without: 'everything', grant: null },
    {
      call: 'GET /nodes/{node}/disks/list',
      right: 'Sys.Audit on /nodes/{node}',
      state: 'refused',
      detail: 'Permission check failed',
      without: 'physical disks',
      grant: 'pveum acl modify / --users monitor@pve --roles PVEAuditor',
    },
  ],
};

const failing = aConnection({
  id: 'c-2',
  name: 'attic',
  source: 'proxmox:c-2',
  poll: {
    ...aConnection({}).poll,
    consecutiveFailures: 7,
    lastError: {
      at: '2026-11-21T09:00:00Z',
      category: 'unauthorised',
      message: 'The token `monitor@pve!muster` is refused.',
    },
  },
});

describe('the list', () => {
  it('says what is wrong and what to do', async () => {
    open('/connections', { '/api/connections': page(aConnection({}), failing) });
    expect(await screen.findByRole('link', { name: 'lab' })).toHaveAttribute(
      'href',
      '/connections/01890a5d-ac96-774b-bcce-b302099a8057',
    );
    expect(screen.getByText('attic: The credentials are not accepted')).toBeVisible();
    expect(screen.getByText(/7 looks have failed/)).toBeVisible();
    expect(screen.getByText('monitor@pve!muster')).toBeVisible();
    expect(screen.getAllByText('3 nodes', { exact: false })[0]).toBeVisible();
  });

  it('explains itself while it is empty', async () => {
    open('/connections', { '/api/connections': page() });
    expect(await screen.findByText('No platform is connected')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Add a connection' })).toBeVisible();
  });

  it('offers nothing to those who may only read', async () => {
    open('/connections', { '/api/connections': page(failing) }, ['inventory:read']);
    expect(await screen.findByRole('link', { name: 'attic' })).toBeVisible();
    expect(screen.queryByRole('link', { name: 'Add a connection' })).toBeNull();
  });
});

describe('the guided form', () => {
  const answers = (): Record<string, Answer> => ({
    '/api/connections': { body: { items: [], revision: 1, ...aConnection({ name: 'lab' }) } },
    '/api/connections/probe': { body: probed },
  });

  it('shows who answers before anybody is told who we are, and sends what was approved', async () => {
    const asked = open('/connections/new', answers());
    await userEvent.type(await screen.findByLabelText(/^Addresses/), 'pve1.example.org');
    await userEvent.click(screen.getByRole('button', { name: 'See who answers' }));
    expect(await screen.findByText(FINGERPRINT)).toBeVisible();
    expect(screen.getByText('Answers, not believed yet')).toBeVisible();
    await userEvent.click(screen.getByLabelText(/I compared this fingerprint/));
    expect(screen.getByText('Answers, believed')).toBeVisible();

    await userEvent.type(screen.getByLabelText(/^Secret of the token/), SECRET);
    await userEvent.click(screen.getByRole('button', { name: 'Check the connection' }));
    expect(await screen.findByText('1 of 2 calls are granted, 1 refused.')).toBeVisible();
    expect(screen.getByLabelText(/^Name/)).toHaveValue('lab');
    await userEvent.selectOptions(screen.getByLabelText('Looks every'), '30 s');
    await userEvent.click(screen.getByRole('button', { name: 'Connect' }));
    expect(await screen.findByRole('heading', { level: 1, name: /lab|no such/ })).toBeVisible();

    const [who, check] = await bodies(asked('POST', '/probe'));
    expect(who).toMatchObject({ endpoints: ['https://pve1.example.org'], auth: null, secret: null, pins: [] });
    expect(check).toMatchObject({
      auth: { method: 'token', user: 'monitor@pve', token: 'muster' },
      secret: SECRET,
      pins: [FINGERPRINT],
    });
    const [made] = await bodies(asked('POST', '/api/connections'));
    expect(made).toMatchObject({
      name: 'lab',
      secret: SECRET,
      pins: [FINGERPRINT],
      intervalSeconds: 30,
      enabled: true,
    });
  });

  it('keeps the secret nowhere but in its field, and not at all once it is sent', async () => {
    const { queries, router } = openApp('/connections/new', answers());
    await userEvent.type(await screen.findByLabelText(/^Addresses/), 'pve1');
    await userEvent.click(screen.getByRole('button', { name: 'See who answers' }));
    await userEvent.type(await screen.findByLabelText(/^Secret of the token/), SECRET);
    await userEvent.click(screen.getByRole('button', { name: 'Check the connection' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Connect' }));
    await screen.findByRole('heading', { level: 1, name: /lab|no such/ });
    const remembered = [
      ...queries
        .getMutationCache()
        .getAll()
        .map(({ state }) => state),
      ...queries
        .getQueryCache()
        .getAll()
        .map(({ state }) => state),
    ];
    expect(JSON.stringify(remembered)).not.toContain(SECRET);
    expect(router.history.location.href).not.toContain(SECRET);
    expect(document.body.innerHTML).not.toContain(SECRET);
  });

  it('lets those go on who may edit and not try out', async () => {
    open('/connections/new', answers(), ['inventory:read', 'connections:write']);
    expect(await screen.findByRole('button', { name: 'See who answers' })).toBeDisabled();
    expect(screen.getByRole('button', { name: 'Connect' })).toBeEnabled();
  });

  it('is not for those who may only read', async () => {
    open('/connections/new', answers(), ['inventory:read']);
    expect(await screen.findByText('You may not edit connections')).toBeVisible();
  });
});

describe('changing a connection', () => {
  const path = `/connections/${aConnection({}).id}/edit`;

  it('asks for the secret again where it would go elsewhere (D-20)', async () => {
    open(path, { '/api/connections': page(aConnection({})) });
    expect(await screen.findByLabelText(/^Secret of the token/)).not.toBeRequired();
    await userEvent.type(screen.getByLabelText(/^Addresses/), ' evil.example.org');
    expect(screen.getByLabelText(/^Secret of the token/)).toBeRequired();
  });

  it('keeps the stored secret otherwise, and names the version it is based on', async () => {
    const asked = open(path, {
      '/api/connections': page(aConnection({})),
      [`/api/connections/${aConnection({}).id}`]: { body: aConnection({ name: 'cellar' }) },
    });
    await userEvent.clear(await screen.findByLabelText(/^Name/));
    await userEvent.type(screen.getByLabelText(/^Name/), 'cellar');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('cellar is changed.')).toBeVisible();
    const [body] = await bodies(asked('PUT', aConnection({}).id));
    expect(body).toMatchObject({ name: 'cellar', secret: null, version: 1, enabled: true });
  });

  it('changes options as a whole, and leaves those that the form does not show', async () => {
    const connection = aConnection({
      options: { ...NO_OPTIONS, guestAgent: { ...NO_OPTIONS.guestAgent, retries: 0, parallel: 4 } },
    });
    const asked = open(path, {
      '/api/connections': page(connection),
      [`/api/connections/${connection.id}`]: { body: connection },
    });
    await userEvent.click(await screen.findByText('Options'));
    await userEvent.clear(screen.getByLabelText('Guests asked at a time'));
    await userEvent.selectOptions(screen.getByLabelText('Read the SMART values of disks'), 'No');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByText('lab is changed.');
    const [body] = await bodies(asked('PUT', connection.id));
    const guestAgent = { ...NO_OPTIONS.guestAgent, retries: 0, parallel: null };
    expect(body).toMatchObject({ options: { ...NO_OPTIONS, guestAgent, disks: { everyMinutes: null, smart: false } } });
  });

  it('demands the secret where the server does', async () => {
    const problem = { code: 'secret_required', title: 'The secret is needed', detail: 'Give it again.', status: 422 };
    open(path, {
      '/api/connections': page(aConnection({})),
      [`/api/connections/${aConnection({}).id}`]: { status: 422, body: problem },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
    expect(await screen.findByText('The secret is needed')).toBeVisible();
    expect(screen.getByLabelText(/^Secret of the token/)).toBeRequired();
  });
});

it('removes only after the name is written out', async () => {
  const asked = open(`/connections/${aConnection({}).id}`, {
    '/api/connections': page(aConnection({})),
    [`/api/connections/${aConnection({}).id}`]: { body: {} },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Remove lab' }));
  const dialog = await screen.findByRole('dialog');
  const button = within(dialog).getByRole('button', { name: 'Remove' });
  await userEvent.type(within(dialog).getByLabelText(/^To confirm/), 'Lab');
  expect(button).toBeDisabled();
  await userEvent.clear(within(dialog).getByLabelText(/^To confirm/));
  await userEvent.type(within(dialog).getByLabelText(/^To confirm/), 'lab');
  await userEvent.click(button);
  expect(await screen.findByText('lab is removed.')).toBeVisible();
  expect(asked('DELETE', aConnection({}).id)).toHaveLength(1);
});

const SCOPES: Scope[] = ['inventory:read', 'metrics:read', 'connections:write', 'system:admin'];

function page(...items: Connection[]): Answer {
  return { body: { items, nextPageToken: null, revision: 1 } };
}

function openApp(path: string, answers: Record<string, Answer>, scopes = SCOPES) {
  const user = { id: 'u', name: 'ada', role: 'admin', scopes, sessionExpiresAt: '2026-11-28T09:00:00Z' };
  const requests = answerRequests({
    '/api/session': { body: { setupRequired: false, user, csrfToken: 'csrf' } },
    ...answers,
  });
  const asked = (method: string, ending: string) =>
    requests.filter(request => request.method === method && new URL(request.url).pathname.endsWith(ending));
  return { asked, ...renderApp(path) };
}

function open(...given: Parameters<typeof openApp>) {
  return openApp(...given).asked;
}

function bodies(requests: readonly Request[]): Promise<unknown[]> {
  return Promise.all(requests.map(request => request.json() as Promise<unknown>));
}
