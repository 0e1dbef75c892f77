import { expect, it } from 'vitest';
import type { ResourceKind, Scope } from '~/api/types';
import { PAGES, pagesFor } from './pages';

const titles = (kinds: ResourceKind[] | undefined, scopes: Scope[] = ['inventory:read', 'metrics:read']) =>
  pagesFor({ kinds: kinds && new Set(kinds), scopes: new Set(scopes) }).map(({ title }) => title);

it('has a page as soon as there is something on it (UX-2)', () => {
  expect(titles([])).not.toContain('Workloads');
  expect(titles(['agent', 'vm'])).toContain('Workloads');
  expect(titles(['agent', 'vm'])).not.toContain('Storage');
  expect(titles(['agent', 'storage'])).toContain('Storage');
});

it('begins with the overview, and shows before the first answer what is always there', () => {
  expect(titles(undefined)[0]).toBe('Overview');
  expect(titles(undefined)).toContain('Infrastructure');
});

it('leaves out what the role does not include', () => {
  expect(titles(['agent'], ['inventory:read'])).not.toContain('Charts');
});

it('gives each page a letter of its own', () => {
  expect(new Set(PAGES.map(({ key }) => key)).size).toBe(PAGES.length);
});
