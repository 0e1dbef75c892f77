import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { ProblemError, UnreachableError } from '~/api/problem';
import type { Problem } from '~/api/types';
import { renderPlain } from '~/test/render';
import { clock } from '~/time/clock';
import { Marked } from './Marked';
import { Meter } from './Meter';
import { Notice } from './Notice';
import { ProblemNotice } from './ProblemNotice';
import { Reading } from './Reading';
import { Sparkline } from './Sparkline';
import { sparkAreas, sparkPath } from './sparkPath';
import { isStale, needsAge, STALE_AFTER_MS } from './stale';
import { StatusMark } from './StatusMark';
import { TipLayer } from './TipLayer';
import { aResource } from '~/test/resources';

describe('a reading (D-9, UX-7)', () => {
  it('is its value with its unit', () => {
    renderPlain(<Reading reading={{ state: 'known', value: 45, at: clock.now() }} unit="percent" />);
    expect(screen.getByText('45 %')).toBeVisible();
  });

  it('carries its age once it is stale', () => {
    renderPlain(<Reading reading={{ state: 'known', value: 45, at: clock.now() - 3.5 * 3_600_000 }} unit="percent" />);
    expect(screen.getByText(/3 h ago/)).toBeVisible();
  });

  it('is the word unknown with its reason on focus, and no number', async () => {
    renderPlain(
      <>
        <Reading reading={{ state: 'unknown', reason: 'no_baseline' }} unit="percent" />
        <TipLayer />
      </>,
    );
    expect(screen.getByText('unknown')).toBeVisible();
    expect(screen.getByText('unknown')).not.toHaveTextContent(/\d/);
    await userEvent.tab();
    expect(screen.getByRole('tooltip')).toHaveTextContent('A rate needs two observations');
  });
});

describe('a tooltip', () => {
  it('goes when its button is pressed, so that it does not lie over the answer', async () => {
    renderPlain(
      <>
        <button type="button" data-tip="What the points are made of">
          10 s raw
        </button>
        <TipLayer />
      </>,
    );
    await userEvent.hover(screen.getByRole('button'));
    expect(screen.getByRole('tooltip')).toBeVisible();
    await userEvent.click(screen.getByRole('button'));
    expect(screen.queryByRole('tooltip')).toBeNull();
  });
});

it('a meter says its share in words and draws an unknown one not at all', () => {
  const { container } = renderPlain(<Meter reading={{ state: 'unknown', reason: 'permission_denied' }} />);
  expect(screen.getByText('unknown')).toBeVisible();
  expect(container.querySelector('[aria-hidden]')).toBeNull();
  renderPlain(<Meter reading={{ state: 'known', value: 43, at: 0 }} seen={0} />);
  expect(screen.getByText(/^43/)).toBeVisible();
  expect(document.querySelector('[aria-hidden]')).toHaveStyle({ backgroundSize: '43% 100%' });
});

it.each(['online', 'warning', 'offline', 'unknown'] as const)('a status is a word and a shape: %s', status => {
  const { container } = renderPlain(<StatusMark status={status} />);
  expect(container).toHaveTextContent(new RegExp(status, 'i'));
  expect(container.querySelector('svg')).not.toBeNull();
});

describe('staleness', () => {
  const now = 10_000_000;

  it("follows the sources' own verdict, and the clock where that has stopped coming", () => {
    const silent = aResource({
      id: 'agent-1',
      sources: [{ source: 'agent:a', key: 'a', status: 'stale', evidence: [] }],
    });
    expect(isStale(silent, now, now)).toBe(true);
    expect(isStale(aResource({ id: 'agent-2' }), now - 1000, now)).toBe(false);
    expect(isStale(aResource({ id: 'agent-2' }), now - STALE_AFTER_MS - 1, now)).toBe(true);
  });

  it('needs an age of its own only where none stands beside it', () => {
    const old = now - 2 * STALE_AFTER_MS;
    expect(needsAge(old, null, now)).toBe(true);
    expect(needsAge(old, old, now)).toBe(false);
    expect(needsAge(old, now, now)).toBe(true);
    expect(needsAge(now, null, now)).toBe(false);
  });
});

describe('a failed request', () => {
  const problem: Problem = {
    type: 'urn:muster:problem:forbidden',
    title: 'The credential lacks a scope',
    status: 403,
    code: 'forbidden',
    detail: 'This needs metrics:read.',
    requestId: 'req-7',
  };

  it('shows what went wrong, what to do and the request id', async () => {
    const retry = vi.fn();
    renderPlain(<ProblemNotice error={new ProblemError(problem)} onRetry={retry} />);
    const alert = screen.getByRole('alert');
    for (const text of [problem.title, problem.detail, 'req-7', 'Ask an administrator']) {
      expect(alert).toHaveTextContent(text);
    }
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(retry).toHaveBeenCalledOnce();
  });

  it('says that the server did not answer where it did not', () => {
    renderPlain(<ProblemNotice error={new UnreachableError('the timeline')} />);
    expect(screen.getByRole('alert')).toHaveTextContent('The server did not answer the timeline.');
    expect(screen.getByRole('alert')).toHaveTextContent('Check that the server runs');
  });
});

it('what the server puts between backticks is set as code', () => {
  const { container } = renderPlain(<Marked text="Send `a` or `b` again." />);
  expect(container).toHaveTextContent('Send a or b again.');
  expect([...container.querySelectorAll('code')].map(code => code.textContent)).toEqual(['a', 'b']);
});

it('a fault of the application is owned up to, and not blamed on the server', () => {
  renderPlain(<ProblemNotice error={new TypeError('x is not a function')} />);
  expect(screen.getByRole('alert')).toHaveTextContent('This page has a fault');
  expect(screen.getByRole('alert')).toHaveTextContent('x is not a function');
});

it('a state without urgency does not interrupt', () => {
  renderPlain(<Notice kind="empty" title="No hosts yet" />);
  expect(screen.getByRole('status')).toHaveTextContent('No hosts yet');
});

describe('a sparkline', () => {
  it('ends at a missing value and begins anew after it', () => {
    expect(sparkPath([0, 10, null, 10], 30, 10)).toBe('M0.0 10.0h0L10.0 0.0M30.0 0.0h0');
    expect(sparkAreas([0, 10, null, 10], 30, 10)).toBe('M0.0 10L0.0 10.0L10.0 0.0L10.0 10ZM30.0 10L30.0 0.0L30.0 10Z');
  });

  it('is nothing where nothing is known', () => {
    expect(sparkPath([null, null], 30, 10)).toBe('');
    // Between two samples of a slow metric there is nothing missing.
    expect(sparkPath([0, undefined, 10], 30, 10)).toBe('M0.0 10.0h0L30.0 0.0');
  });

  it.each([
    ['loading', 'loading'],
    ['failed', 'could not be read'],
    [{ values: [null, null], silent: true }, 'nothing was recorded'],
    [{ values: [1, null, 2, 3], silent: false }, 'with gaps'],
    [{ values: [1, 2, null, null, null], silent: true }, 'not recorded lately'],
  ] as const)('says so where it is not all there: %j (UX-7)', (spark, words) => {
    renderPlain(<Sparkline spark={spark} label="CPU" />);
    expect(screen.getByRole('img', { name: new RegExp(`^CPU: ${words}`) })).toBeVisible();
  });

  it('says only what it shows where all of it is there, with the newest point still to come', () => {
    renderPlain(<Sparkline spark={{ values: [null, 1, 2, 3, null], silent: true }} label="CPU" />);
    expect(screen.getByRole('img', { name: 'CPU' })).toBeVisible();
  });
});
