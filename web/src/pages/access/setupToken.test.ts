import { expect, it, vi } from 'vitest';
import { takeSetupToken } from './setupToken';

it('takes the token and removes it from the address and the history (D-21)', () => {
  const replaceState = vi.fn();
  expect(takeSetupToken({ hash: '#setup=abc%2Bd', pathname: '/' }, { replaceState })).toBe('abc+d');
  expect(replaceState).toHaveBeenCalledExactlyOnceWith(null, '', '/setup');
});

it.each(['', '#setup=', '#other=abc'])('leaves any other address alone: %s', hash => {
  const replaceState = vi.fn();
  expect(takeSetupToken({ hash, pathname: '/' }, { replaceState })).toBeNull();
  expect(replaceState).not.toHaveBeenCalled();
});
