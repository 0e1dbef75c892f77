import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderPlain } from '~/test/render';
import { aResource } from '~/test/resources';
import { NameCell } from './NameCell';

it('shows a hostile name as text', () => {
  const name = '<img src=x onerror="alert(1)"><a href="javascript:alert(1)">web1</a>';
  const { container } = renderPlain(<NameCell resource={aResource({ id: 'agent-1', name })} />);
  expect(screen.getByRole('link')).toHaveTextContent(name);
  expect(screen.getByRole('link')).toHaveAttribute('href', '/resources/agent-1');
  expect(container.querySelector('img')).toBeNull();
});
