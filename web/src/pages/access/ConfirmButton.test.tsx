import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { renderPlain } from '~/test/render';
import { ConfirmButton } from './ConfirmButton';

it('shows what went wrong when it was tried, not when it is asked anew', async () => {
  renderPlain(
    <ConfirmButton
      label="Remove it"
      pending={false}
      error={new Error('away')}
      onConfirm={() => Promise.reject(new Error('away'))}
    >
      <p>It goes.</p>
    </ConfirmButton>,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Remove it' }));
  const dialog = () => within(screen.getByRole('dialog'));
  expect(dialog().queryByRole('alert')).toBeNull();
  await userEvent.click(dialog().getByRole('button', { name: 'Remove it' }));
  expect(await dialog().findByRole('alert')).toBeVisible();
  await userEvent.click(dialog().getByRole('button', { name: 'Cancel' }));
  await waitFor(() => {
    expect(screen.queryByRole('dialog')).toBeNull();
  });
  await userEvent.click(screen.getByRole('button', { name: 'Remove it' }));
  expect(dialog().queryByRole('alert')).toBeNull();
});
