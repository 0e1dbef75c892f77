import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Conflict, ConflictSide, Resource, Ruling, Scope } from '~/api/types';
import { LiveStore } from '~/live/store';
import { answerRequests, renderApp, type Answer } from '~/test/render';
import { aResource } from '~/test/resources';
import { compareSides } from './sides';

const identity = aResource({ id: 'agent-1' }).identity;
const web = aResource({
  id: 'agent-1',
  name: 'web1',
  identity: { ...identity, hostnames: ['web1'], machineId: 'aa', serial: 'S1', ipAddresses: ['10.0.0.1', '10.0.0.2'] },
  firstSeenAt: '2026-11-20T08:00:00Z',
});
const node = aResource({
  id: 'agent-2',
  name: 'WEB1',
  identity: { ...identity, hostnames: ['WEB1'], machineId: 'bb', ipAddresses: ['10.0.0.2'] },
  firstSeenAt: '2026-11-19T08:00:00Z',
});

const sideOf = ({ id, kind, name, status }: Resource): ConflictSide => ({
  id,
  kind,
  displayName: name,
  parentName: null,
  status,
  sources: ['agent:local'],
});

const conflict: Conflict = {
  kind: 'same',
  first: sideOf(web),
  second: sideOf(node),
  evidence: [{ kind: 'hostname', value: 'web1' }],
  against: ['machine_id'],
  confidencePercent: 80,
  suggestion: 'distinct',
};

const ruling: Ruling = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  at: '2026-11-21T09:00:00Z',
  by: 'user:ada',
  note: 'a clone',
  verdict: 'distinct',
  first: 'agent-1',
  second: 'agent-2',
};

it('marks what two sides share, what differs, and what only one of them tells', () => {
  const found = new Map(compareSides(web, node).map(({ term, agreement }) => [term, agreement]));
  expect(found.get('Host names')).toBe('same'); // Whatever the case of the letters.
  expect(found.get('Machine id')).toBe('different');
  expect(found.get('IP addresses')).toBe('partly');
  expect(found.get('Serial number')).toBe('one-sided');
  expect(found.has('MAC addresses')).toBe(false);
});

it('takes a short host name and the full one for the same, as the server does (R-12)', () => {
  const named = (...hostnames: string[]) => aResource({ id: 'agent-9', identity: { ...identity, hostnames } });
  const agreement = (one: Resource, other: Resource) => compareSides(one, other)[0]?.agreement;
  expect(agreement(named('web1'), named('WEB1.example.org.'))).toBe('same');
  expect(agreement(named('web1.example.org'), named('web1.example.net'))).toBe('different');
  expect(agreement(named('web1', 'www'), named('web1.example.org'))).toBe('partly');
});

describe('a pair (R-12, D-7)', () => {
  it('is shown with both sides and what speaks for and against', async () => {
    open({ conflicts: [conflict] });
    const panel = within(await screen.findByRole('region', { name: 'web1 and WEB1' }));
    expect(panel.getByText('80 % sure')).toBeVisible();
    expect(panel.getByText('Different machine ids')).toBeVisible();
    expect(panel.getByRole('row', { name: /Machine id different aa bb/ })).toBeVisible();
  });

  it('is joined after saying which id stays, with a note', async () => {
    const asked = open({ conflicts: [conflict], answers: { '/api/conflicts/join': { body: {} } } });
    await userEvent.click(await screen.findByRole('button', { name: 'Join web1 and WEB1' }));
    const dialog = within(await screen.findByRole('dialog'));
    // D-11: the one that was seen first keeps its id.
    expect(dialog.getByText(/WEB1, seen first/)).toHaveTextContent('The id agent-2 (WEB1, seen first) stays');
    await userEvent.type(dialog.getByRole('textbox', { name: /^Why/ }), ' same box ');
    await userEvent.click(dialog.getByRole('button', { name: 'Join' }));
    expect(await sent(asked, '/join')).toEqual({ first: 'agent-1', second: 'agent-2', note: 'same box' });
  });

  it('of a guest and the system inside it is placed, not joined (D-7)', async () => {
    const inside: Conflict = { ...conflict, kind: 'inside', suggestion: 'inside', against: [] };
    const asked = open({ conflicts: [inside], answers: { '/api/conflicts/inside': { body: {} } } });
    expect(await screen.findByText(/One may be the system inside the other/)).toBeVisible();
    expect(screen.queryByRole('button', { name: /^Join/ })).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'web1 is the system inside WEB1' }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByText(/The host stands below the guest/)).toBeVisible();
    await userEvent.type(dialog.getByRole('textbox', { name: /^Why/ }), 'same serial');
    await userEvent.click(dialog.getByRole('button', { name: 'It runs inside' }));
    // The first is the host, the second the guest.
    expect(await sent(asked, '/inside')).toEqual({ host: 'agent-1', guest: 'agent-2', note: 'same serial' });
    expect(await screen.findByText('web1 is the system inside WEB1.')).toBeVisible();
  });

  it('shows what the server says of a note at the note', async () => {
    const problem = {
      type: 'urn:muster:problem:invalid_value',
      title: 'Invalid value',
      status: 422,
      code: 'invalid_value',
      detail: 'A value is not valid.',
      errors: [{ field: '/note', message: 'a note is one line' }],
    };
    open({ conflicts: [conflict], answers: { '/api/conflicts/distinct': { status: 422, body: problem } } });
    await userEvent.click(await screen.findByRole('button', { name: 'Set web1 and WEB1 apart' }));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.click(dialog.getByRole('button', { name: 'They are two' }));
    expect(await dialog.findByRole('textbox', { name: /^Why/ })).toHaveAccessibleDescription(/a note is one line/);
    // The next time it is another question.
    await userEvent.click(dialog.getByRole('button', { name: 'Cancel' }));
    await waitFor(() => {
      expect(screen.queryByRole('dialog')).toBeNull();
    });
    await userEvent.click(screen.getByRole('button', { name: 'Set web1 and WEB1 apart' }));
    const again = within(await screen.findByRole('dialog'));
    expect(again.getByRole('textbox', { name: /^Why/ })).not.toHaveAccessibleDescription(/a note is one line/);
  });

  it('offers nothing to those who may only look', async () => {
    open({ conflicts: [conflict], scopes: ['inventory:read'] });
    expect(await screen.findByText(/Deciding needs the right/)).toBeVisible();
    expect(screen.queryByRole('button', { name: /^Join/ })).toBeNull();
  });
});

it('says that it is out of date while the server does not answer', async () => {
  const session = { '/api/session': { body: sessionOf(['connections:write']) } };
  const pages = { body: { items: [], nextPageToken: null } };
  answerRequests({ ...session, '/api/conflicts': pages, '/api/rulings': pages });
  const { queries } = renderApp('/connections/identity');
  await screen.findByText('Nobody has to decide who is who');
  expect(screen.queryByText('This page is out of date')).toBeNull();
  answerRequests({ ...session, '/api/conflicts': pages });
  await queries.refetchQueries({ queryKey: ['identity'] });
  expect(await screen.findByText('This page is out of date')).toBeVisible();
});

describe('a ruling', () => {
  it('is taken back', async () => {
    const asked = open({ rulings: [ruling], answers: { [`/api/rulings/${ruling.id}`]: { body: {} } } });
    const panel = within(await screen.findByRole('region', { name: 'Rulings that stand' }));
    expect(panel.getByText('a clone')).toBeVisible();
    expect(panel.getByRole('button', { name: 'Take back: web1 is not WEB1' })).toBeVisible();
    await userEvent.click(panel.getByRole('button', { name: /^Take back/ }));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Take back' }));
    expect(asked.find(({ url }) => url.includes(`/api/rulings/${ruling.id}`))?.method).toBe('DELETE');
  });

  it('that joined two is taken back by a split (D-11)', async () => {
    const { first: absorbed, second: survivor, ...rest } = { first: 'agent-2', second: 'agent-1', id: ruling.id };
    const same: Ruling = { ...rest, at: ruling.at, by: ruling.by, note: null, verdict: 'same', survivor, absorbed };
    const asked = open({ rulings: [same], answers: { '/api/resources/agent-1/split': { body: {} } } });
    await userEvent.click(await screen.findByRole('button', { name: /^Take back/ }));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Take back' }));
    expect(await sent(asked, '/split')).toEqual({ formerId: 'agent-2', records: [], note: null });
  });
});

it('splits what is chosen, and never all of it', async () => {
  const source = { source: 'agent:a', key: 'host', status: 'online' as const, evidence: [] };
  const both = aResource({ id: 'agent-3', sources: [source, { ...source, source: 'agent:b' }] });
  const asked = open({
    path: '/resources/agent-3',
    resources: [both],
    answers: { '/api/resources/agent-3/split': { body: {} } },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Split agent-3' }));
  const dialog = within(await screen.findByRole('dialog'));
  const box = (source: string) => dialog.getByRole('checkbox', { name: `What ${source} knows as host` });
  const button = dialog.getByRole('button', { name: 'Split' });
  expect(button).toBeDisabled();
  await userEvent.click(box('agent:a'));
  await userEvent.click(box('agent:b'));
  expect(dialog.getByText('Something has to stay.')).toBeVisible();
  await userEvent.click(box('agent:a'));
  await userEvent.click(button);
  const records = [{ source: 'agent:b', key: 'host' }];
  expect(await sent(asked, '/split')).toEqual({ formerId: null, records, note: null });
});

type Given = {
  path?: string;
  conflicts?: Conflict[];
  rulings?: Ruling[];
  resources?: Resource[];
  scopes?: Scope[];
  answers?: Record<string, Answer>;
};

function sessionOf(scopes: Scope[]) {
  const user = { id: 'u', name: 'ada', role: 'operator', scopes, sessionExpiresAt: '2026-11-28T09:00:00Z' };
  return { setupRequired: false, user, csrfToken: 'csrf' };
}

function open({ path, conflicts = [], rulings = [], resources = [web, node], scopes, answers }: Given) {
  const asked = answerRequests({
    '/api/session': { body: sessionOf(scopes ?? ['connections:write']) },
    '/api/conflicts': { body: { items: conflicts, nextPageToken: null } },
    '/api/rulings': { body: { items: rulings, nextPageToken: null } },
    ...answers,
  });
  const store = new LiveStore();
  store.adopt({ revision: 1, resources });
  renderApp(path ?? '/connections/identity', null, store);
  return asked;
}

async function sent(asked: readonly Request[], path: string): Promise<unknown> {
  return asked.find(({ url }) => url.endsWith(path))?.json();
}
