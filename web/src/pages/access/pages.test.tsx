import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Session, Token, User } from '~/api/types';
import { answerRequests, renderApp, type Answer } from '~/test/render';
import { browserName } from './browserName';
import { endsAt } from './spans';
import { parseAccess, tabsFor } from './view';

const admin: Session = {
  setupRequired: false,
  csrfToken: 'csrf',
  provider: null,
  user: {
    id: 'u-1',
    name: 'ada',
    role: 'admin',
    scopes: ['inventory:read', 'metrics:read', 'system:admin'],
    sessionExpiresAt: '2026-11-28T09:00:00Z',
    providerLogoutUrl: null,
  },
};
const nobody: Session = { ...admin, user: null, csrfToken: null };

const account = {
  id: 'u-1',
  name: 'ada',
  role: 'admin',
  scopes: [],
  createdAt: '2026-11-01T09:00:00Z',
  provider: null,
  secondFactor: { enabledAt: null, recoveryCodesLeft: 0 },
};

const user: User = {
  id: 'u-2',
  name: 'eve',
  role: 'viewer',
  createdAt: '2026-11-01T09:00:00Z',
  lastSignInAt: null,
  disabledAt: null,
  provider: null,
  hasSecondFactor: true,
};

const token: Token = {
  id: 't-1',
  name: 'dashboard',
  tenant: 'default',
  role: null,
  scopes: ['metrics:read'],
  createdAt: '2026-11-01T09:00:00Z',
  createdBy: 'user:ada',
  expiresAt: null,
  lastUsedAt: null,
  previousSecretUntil: null,
};

const page = (...items: unknown[]): Answer => ({ body: { items, nextPageToken: null, revision: 1 } });

function open(path: string, answers: Record<string, Answer>, session: Session = admin) {
  const asked = answerRequests({ '/api/session': { body: session }, '/api/account': { body: account }, ...answers });
  renderApp(path);
  return (method: string, ending: string) =>
    asked.find(request => request.method === method && new URL(request.url).pathname.endsWith(ending));
}

describe('the tabs', () => {
  it('are those of administrators for administrators alone', () => {
    expect(tabsFor(['inventory:read'])).toEqual(['account', 'sessions']);
    expect(tabsFor(['system:admin'])).toHaveLength(5);
    expect(parseAccess({ tab: 'nonsense' })).toEqual({});
    expect(parseAccess({ tab: 'tokens' })).toEqual({ tab: 'tokens' });
  });
});

describe('tokens', () => {
  it('shows a new secret once, with a button that copies it', async () => {
    // One path answers both questions: the list, and the new token.
    const both = { ...(page(token).body as object), token: { ...token, name: 'ci' }, secret: 'mst_new' };
    const sent = open('/access?tab=tokens', { '/api/tokens': { body: both } });
    await userEvent.type(await screen.findByLabelText(/^Name/), 'ci');
    await userEvent.selectOptions(screen.getByLabelText('Allows'), 'scopes one by one');
    await userEvent.click(screen.getByLabelText(/^See resources/));
    await userEvent.selectOptions(screen.getByLabelText('Lives for'), 'no end');
    await userEvent.click(screen.getByRole('button', { name: 'Create token' }));
    const body: unknown = await sent('POST', '/api/tokens')?.json();
    expect(body).toEqual({ name: 'ci', scopes: ['inventory:read'], expiresAt: null });
    expect(await screen.findByText('mst_new')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Copy' })).toBeVisible();
  });

  it('rotates with an overlap and shows the other secret until it is put away', async () => {
    const rotated = { token, secret: 'mst_another' };
    const sent = open('/access?tab=tokens', {
      '/api/tokens': page(token),
      '/api/tokens/t-1/rotate': { body: rotated },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Rotate dashboard' }));
    const dialog = await screen.findByRole('dialog');
    await userEvent.selectOptions(within(dialog).getByLabelText(/old secret/), '1 hour');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Rotate' }));
    expect(await screen.findByText('mst_another')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Copy' })).toBeVisible();
    const body: unknown = await sent('POST', '/rotate')?.json();
    expect(body).toEqual({ overlapSeconds: 3600 });
    await userEvent.click(screen.getByRole('button', { name: 'Done' }));
    expect(screen.queryByText('mst_another')).toBeNull();
  });
});

describe('users', () => {
  it('are disabled, and given another role', async () => {
    const sent = open('/access?tab=users', {
      '/api/users': page(user),
      '/api/users/u-2': { body: user },
      '/api/users/u-2/sessions': page(),
    });
    expect(await screen.findByText('password and code')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Change eve' }));
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Disable' }));
    const body: unknown = await sent('PATCH', '/u-2')?.json();
    expect(body).toEqual({ disabled: true, password: null, role: null });
    expect(within(dialog).getByRole('button', { name: 'Reset second factor' })).toBeVisible();
    expect(within(dialog).getByRole('button', { name: 'Remove user' })).toBeVisible();
  });

  it('of an identity provider have neither role nor password to change here', async () => {
    open('/access?tab=users', {
      '/api/users': page({ ...user, provider: 'https://id.example.org', hasSecondFactor: false }),
      '/api/users/u-2/sessions': page(),
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Change eve' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).queryByLabelText('Role')).toBeNull();
    expect(within(dialog).getByText(/identity provider keeps this user/)).toBeVisible();
  });
});

describe('the second factor', () => {
  it('is set up by password, picture and first code, and gives recovery codes once', async () => {
    const offer = { secret: 'ABCD', uri: 'otpauth://x', qr: { size: 29, path: 'M4 4h7v1h-7z' } };
    open('/access', { '/api/account/second-factor': { body: { ...offer, codes: ['AAAA-BBBB'] } } });
    const form = await screen.findByRole('form', { name: 'Set up a second factor' });
    await userEvent.type(within(form).getByLabelText(/^Password/), 'correct horse');
    await userEvent.click(within(form).getByRole('button', { name: 'Set up' }));
    expect(await screen.findByRole('img', { name: 'The secret as a QR code' })).toBeVisible();
    expect(screen.getByText('ABCD')).toBeVisible();
    await userEvent.type(screen.getByLabelText(/^Code/), '123456');
    await userEvent.click(screen.getByRole('button', { name: 'Confirm' }));
    expect(await screen.findByText('AAAA-BBBB')).toBeVisible();
  });
});

describe('signing in', () => {
  const required = {
    type: 'urn:muster:problem:second_factor_required',
    title: 'A code is needed',
    status: 401,
    code: 'second_factor_required',
    detail: 'Send it.',
    requestId: 'r',
  };

  it('asks for a code where the user has a second factor', async () => {
    open('/login', { '/api/login': { status: 401, body: required } }, nobody);
    await userEvent.type(await screen.findByLabelText(/Name/), 'ada');
    await userEvent.type(screen.getByLabelText(/^Password/), 'correct horse');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByLabelText(/^Code/)).toBeVisible();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('offers the identity provider, and keeps where the visitor wanted to go', async () => {
    open('/login?next=/charts', {}, { ...nobody, provider: { label: 'Company account', url: '/api/oidc/login' } });
    const link = await screen.findByRole('link', { name: 'Company account' });
    expect(link).toHaveAttribute('href', '/api/oidc/login?next=%2Fcharts');
  });

  it.each(['no_role', 'provider_unreachable', 'something new'])('says what to do about %s', async problem => {
    open(`/login?problem=${encodeURIComponent(problem)}`, {}, nobody);
    expect(await screen.findByRole('alert')).toHaveTextContent(/not signed in/);
  });
});

describe('words', () => {
  it('names browsers as far as it can', () => {
    expect(browserName('Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36')).toBe('Chrome on Linux');
    expect(browserName('Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X) Safari/604.1')).toBe('Safari on iOS');
    expect(browserName('curl/8')).toBe('curl/8');
    expect(browserName(null)).toBe('unknown');
  });

  it('counts lifetimes from now', () => {
    expect(endsAt('', 0)).toBeNull();
    expect(endsAt('3600', 0)).toBe('1970-01-01T01:00:00.000Z');
  });
});
