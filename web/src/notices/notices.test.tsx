import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { renderPlain } from '~/test/render';
import { Toasts } from './Toasts';
import { say, sayFailure } from './toasts';

it('says what was done in passing, and keeps what failed until it is read', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  renderPlain(<Toasts />);
  act(() => {
    say({ kind: 'done', text: 'The link is copied.' });
    sayFailure('The view is still there.', new Error('The server did not answer.'));
  });
  expect(screen.getByRole('log', { name: 'Messages' })).toHaveTextContent('The link is copied.');
  act(() => {
    vi.advanceTimersByTime(60_000);
  });
  expect(screen.queryByText('The link is copied.')).not.toBeInTheDocument();
  expect(screen.getByText('The view is still there. The server did not answer.')).toBeVisible();
  await userEvent
    .setup({ advanceTimers: vi.advanceTimersByTime.bind(vi) })
    .click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByText(/still there/)).not.toBeInTheDocument();
  vi.useRealTimers();
});

it('offers to take it back', async () => {
  const run = vi.fn();
  renderPlain(<Toasts />);
  act(() => {
    say({ kind: 'done', text: 'Deleted.', action: { label: 'Undo', run } });
  });
  await userEvent.click(screen.getByRole('button', { name: 'Undo' }));
  expect(run).toHaveBeenCalledOnce();
  expect(screen.queryByText('Deleted.')).not.toBeInTheDocument();
});
