import { describe, expect, it } from 'vitest';
import { parseSearch, stringifySearch } from '~/searchParams';
import type { TableSpec } from './spec';
import { isFiltered, nextSort, parseView, readView } from './view';

const spec: TableSpec = {
  page: 'infrastructure',
  title: 'Infrastructure',
  has: () => true,
  columns: ['status', 'name', 'kind'],
  treeColumns: ['status', 'name'],
  empty: { title: '', lines: [] },
};
const read = (text: string) => readView(parseView(parseSearch(text)), spec);

describe('the view in the address', () => {
  it('is hosts by name where nothing is said', () => {
    const view = read('');
    expect(view.mode).toBe('tree');
    expect(view.columns).toEqual(['status', 'name']);
    expect(view.sort).toEqual({ column: 'name', descending: false });
    expect(isFiltered(view.filter)).toBe(false);
  });

  it('reads filters, order and columns', () => {
    const view = read(
      '?view=all&kind=storage,agent&status=offline&source=agent:local&tag=lab&q=web&sort=-cpu&cols=name,cpu',
    );
    expect(view.mode).toBe('flat');
    expect(view.filter).toEqual({
      kinds: ['agent', 'storage'],
      statuses: ['offline'],
      sources: ['agent:local'],
      tags: ['lab'],
      text: 'web',
    });
    expect(view.sort).toEqual({ column: 'cpu', descending: true });
    expect(view.columns).toEqual(['name', 'cpu']);
  });

  it('stands side by side once it is grouped', () => {
    expect([read('?group=status').mode, read('?group=status').group]).toEqual(['flat', 'status']);
    expect(read('?group=colour').group).toBeNull();
  });

  it('drops words that mean nothing', () => {
    expect(parseView(parseSearch('?kind=unicorn&status=fine&sort=colour&view=some&cols=,'))).toEqual({});
  });

  it.each(['?view=all&kind=agent,storage&q=a%20b', '?status=warning,offline&source=agent:local&sort=-memory'])(
    'survives the way through the address: %s',
    text => {
      const search = parseView(parseSearch(text));
      expect(parseView(parseSearch(stringifySearch(search)))).toEqual(search);
    },
  );
});

it('goes from ascending to descending and back to the default order', () => {
  expect(nextSort({ column: 'name', descending: false }, 'cpu')).toBe('cpu');
  expect(nextSort({ column: 'cpu', descending: false }, 'cpu')).toBe('-cpu');
  expect(nextSort({ column: 'cpu', descending: true }, 'cpu')).toBeUndefined();
});

it('writes an address that people can read', () => {
  expect(stringifySearch({ kind: 'agent,vm', from: '2026-11-21T09:00:00Z', q: undefined, view: '' })).toBe(
    '?kind=agent,vm&from=2026-11-21T09:00:00Z',
  );
  expect(stringifySearch({})).toBe('');
});
