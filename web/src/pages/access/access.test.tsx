import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Problem, Session } from '~/api/types';
import { answerRequests, renderApp } from '~/test/render';

const nobody: Session = { setupRequired: false, user: null, csrfToken: null, provider: null };
const fresh: Session = { ...nobody, setupRequired: true };

function problem(status: number, code: Problem['code'], title: string): Problem {
  return { type: `urn:muster:problem:${code}`, title, status, code, detail: 'What happened.', requestId: 'req-1' };
}

describe('set-up (D-21)', () => {
  const fill = async () => {
    await userEvent.type(await screen.findByLabelText(/Name/), 'ada');
    await userEvent.type(screen.getByLabelText(/^Password/), 'correct horse');
    await userEvent.click(screen.getByRole('button', { name: 'Create administrator' }));
  };

  it('sends the token of the link with name and password', async () => {
    const asked = answerRequests({
      '/api/session': { body: fresh },
      '/api/setup': { status: 409, body: problem(409, 'setup_done', 'Set-up is already done') },
    });
    renderApp('/setup', 'the-token');
    await fill();
    await screen.findByText('Set-up is done');
    const sent: unknown = await asked.find(({ method }) => method === 'POST')?.json();
    expect(sent).toEqual({ token: 'the-token', username: 'ada', password: 'correct horse' });
  });

  it('explains a link that is used or expired, and where a new one comes from', async () => {
    answerRequests({
      '/api/session': { body: fresh },
      '/api/setup': { status: 403, body: problem(403, 'setup_token_invalid', 'The set-up link is not valid') },
    });
    renderApp('/setup', 'old');
    await fill();
    expect(await screen.findByRole('heading', { name: 'The set-up link is not valid' })).toBeVisible();
    expect(screen.getByText('setup-link')).toBeVisible();
  });

  it('asks for the link where there is none', async () => {
    answerRequests({ '/api/session': { body: fresh } });
    renderApp('/');
    expect(await screen.findByRole('heading', { name: 'Open the set-up link' })).toBeVisible();
  });

  it('leads to signing in once it is done', async () => {
    answerRequests({ '/api/session': { body: nobody } });
    renderApp('/setup', 'the-token');
    expect(await screen.findByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '/login');
  });

  it('leads somebody who is signed in to the first page', async () => {
    const user = {
      id: 'u',
      name: 'ada',
      role: 'admin',
      scopes: [],
      sessionExpiresAt: '2026-11-28T09:00:00Z',
      providerLogoutUrl: null,
    } as const;
    answerRequests({ '/api/session': { body: { ...nobody, user } } });
    renderApp('/setup', 'the-token');
    expect(await screen.findByRole('link', { name: 'Go to Infrastructure' })).toHaveAttribute('href', '/');
  });
});

describe('signing in', () => {
  it('is asked for, and remembers where the visitor wanted to go', async () => {
    answerRequests({ '/api/session': { body: nobody } });
    const { router } = renderApp('/system');
    expect(await screen.findByRole('heading', { name: 'Sign in to Muster' })).toBeVisible();
    expect(router.state.location.search).toEqual({ next: '/system' });
  });

  it.each(['//evil.example/x', 'https://evil.example', '/\\evil.example'])(
    'never leads to another host: %s',
    async next => {
      answerRequests({ '/api/session': { body: nobody } });
      const { router } = renderApp(`/login?next=${encodeURIComponent(next)}`);
      await screen.findByRole('heading', { name: 'Sign in to Muster' });
      expect(router.state.matches.at(-1)?.search).toEqual({});
    },
  );

  it('shows why it failed', async () => {
    answerRequests({
      '/api/session': { body: nobody },
      '/api/login': { status: 401, body: problem(401, 'login_failed', 'Wrong name or password') },
    });
    renderApp('/login');
    await userEvent.type(await screen.findByLabelText(/Name/), 'ada');
    await userEvent.type(screen.getByLabelText(/^Password/), 'wrong');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Wrong name or password');
  });
});
