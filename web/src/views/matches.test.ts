import { expect, it } from 'vitest';
import type { SavedView } from '~/api/types';
import { defaultView, shownView, viewQueryOf } from './matches';

const view = (rest: Partial<SavedView>): SavedView => ({
  id: 'v',
  page: 'workloads',
  name: 'Busy',
  query: 'sort=-cpu&kind=vm',
  shared: false,
  default: false,
  owner: 'ada',
  own: true,
  version: 1,
  updatedAt: '2026-11-21T09:00:00Z',
  ...rest,
});

it('knows a view whatever the order of its parameters', () => {
  expect(viewQueryOf({ sort: '-cpu', kind: 'vm', q: undefined })).toBe('kind=vm&sort=-cpu');
  expect(shownView([view({})], 'workloads', { kind: 'vm', sort: '-cpu' })?.name).toBe('Busy');
  expect(shownView([view({})], 'workloads', { kind: 'vm' })).toBeUndefined();
  expect(shownView([view({})], 'storage', { kind: 'vm', sort: '-cpu' })).toBeUndefined();
});

it("names one's own view before another's", () => {
  const views = [view({ id: 'a', name: 'Theirs', own: false }), view({ id: 'b', name: 'Mine' })];
  expect(shownView(views, 'workloads', { kind: 'vm', sort: '-cpu' })?.name).toBe('Mine');
});

it("opens a page with one's own choice only", () => {
  expect(defaultView([view({ default: true, own: false })], 'workloads')).toBeUndefined();
  expect(defaultView([view({}), view({ id: 'b', default: true })], 'workloads')?.id).toBe('b');
});
