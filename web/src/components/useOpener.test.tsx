import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { dismissToast, useToasts } from '~/notices/toasts';
import { renderPlain } from '~/test/render';
import { ChoiceMenu } from './ChoiceMenu';
import { useOpener } from './useOpener';

it('opens at the button that was there before its code, and gives the focus back to it', async () => {
  const onChange = vi.fn();
  const choices = [{ value: 'vm', label: 'Virtual machines' }];
  renderPlain(<ChoiceMenu title="Kind" choices={choices} chosen={[]} onChange={onChange} />);
  const button = screen.getByRole('button', { name: 'Kind' });
  expect(button).toHaveAttribute('aria-expanded', 'false');
  await userEvent.click(button);
  const box = await screen.findByRole('checkbox', { name: 'Virtual machines' });
  expect(screen.getByRole('button', { name: 'Kind', hidden: true })).toBe(button);
  expect(button).toHaveAttribute('aria-expanded', 'true');
  await userEvent.click(box);
  expect(onChange).toHaveBeenCalledWith(['vm']);
  await userEvent.keyboard('{Escape}');
  expect(button).toHaveAttribute('aria-expanded', 'false');
  await vi.waitFor(() => {
    expect(button).toHaveFocus();
  });
});

it('says so where the code does not come, and asks again', async () => {
  const load = vi.fn(() => Promise.reject(new Error('away')));
  renderPlain(<Opens load={load} />);
  await userEvent.click(screen.getByRole('button', { name: 'More' }));
  expect(await screen.findByText(/This could not be opened/)).toBeVisible();
  const asked = load.mock.calls.length;
  await userEvent.click(screen.getByRole('button', { name: 'More' }));
  expect(load.mock.calls.length).toBeGreaterThan(asked);
});

it('stays open where somebody clicks again while the code is on its way', async () => {
  const waiting: ((component: () => null) => void)[] = [];
  const load = () => new Promise<() => null>(resolve => waiting.push(resolve));
  renderPlain(<Opens load={load} />);
  const button = screen.getByRole('button', { name: 'More' });
  await userEvent.click(button);
  await userEvent.click(button);
  await act(async () => {
    for (const resolve of waiting) resolve(() => null);
    await Promise.resolve();
  });
  await vi.waitFor(() => {
    expect(button).toHaveAttribute('aria-expanded', 'true');
  });
});

function Opens({ load }: { load: () => Promise<() => null> }) {
  const { button } = useOpener(load, 'menu');
  const toasts = useToasts();
  return (
    <>
      <button {...button} type="button">
        More
      </button>
      {toasts.map(({ id, text }) => (
        <button
          key={id}
          type="button"
          onClick={() => {
            dismissToast(id);
          }}
        >
          {text}
        </button>
      ))}
    </>
  );
}
