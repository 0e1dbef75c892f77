import type { MouseEvent } from 'react';
import { fireEvent, render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { followRowLink, rowLink } from './followRowLink';

it('a plain click on a row opens it here; the browser keeps every other click', () => {
  const open = vi.fn();
  const followed = (event: MouseEvent) => {
    followRowLink(event, open);
    // jsdom does not leave the page.
    event.preventDefault();
  };
  render(
    <div onClick={followed}>
      <a {...rowLink('agent-1')}>
        <span>web1</span>
      </a>
      <button type="button">Open</button>
    </div>,
  );
  expect(screen.getByRole('link')).toHaveAttribute('href', '/resources/agent-1');
  fireEvent.click(screen.getByText('web1'), { ctrlKey: true });
  fireEvent.click(screen.getByRole('button'));
  expect(open).not.toHaveBeenCalled();
  fireEvent.click(screen.getByText('web1'));
  expect(open).toHaveBeenCalledExactlyOnceWith('agent-1');
});
