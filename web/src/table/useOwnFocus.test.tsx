import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { useOwnFocus } from './useOwnFocus';

function Row({ id }: { id: string }) {
  return (
    <div ref={useOwnFocus<HTMLDivElement>(id)}>
      <button type="button">Open {id}</button>
    </div>
  );
}

it('the focus stays with a row and does not pass to the next that its element shows', () => {
  const { rerender } = render(<Row id="one" />);
  screen.getByRole('button').focus();
  rerender(<Row id="one" />);
  expect(screen.getByRole('button')).toHaveFocus();
  rerender(<Row id="two" />);
  expect(document.body).toHaveFocus();
});
