import { expect, it } from 'vitest';
import type { ReadingsOf } from '~/live/readings';
import { aResource } from '~/test/resources';
import { RowOrder, type Wanted } from './order';
import type { TreeRow } from './rows';
import type { ColumnId } from './columnIds';

const row = (id: string, name: string, children: TreeRow[] = []): TreeRow => ({
  type: 'resource',
  id,
  resource: aResource({ id, name }),
  children,
});

const cpu = (values: Record<string, number>): ReadingsOf =>
  new Map(
    Object.entries(values).map(([id, value]) => [
      id,
      { lastSeen: null, metrics: { cpu: { state: 'known', value, at: 0 } } },
    ]),
  );

function by(column: ColumnId, descending = false, rest: Partial<Wanted> = {}): Wanted {
  return { sort: { column, descending }, readings: new Map(), isOpen: () => false, ...rest };
}

const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

it('sorts by name as people count, rows of one name by id', () => {
  const tree = [row('c', 'web10'), row('b', 'web2'), row('d', 'web2')];
  expect(ids(new RowOrder().shown(tree, by('name')))).toEqual(['b', 'd', 'c']);
  expect(ids(new RowOrder().shown(tree, by('name', true)))).toEqual(['c', 'b', 'd']);
});

it('leaves what is not known at the end in either direction', () => {
  const tree = [row('a', 'a'), row('b', 'b'), row('c', 'c')];
  const readings = cpu({ b: 10, c: 20 });
  expect(ids(new RowOrder().shown(tree, by('cpu', false, { readings })))).toEqual(['b', 'c', 'a']);
  expect(ids(new RowOrder().shown(tree, by('cpu', true, { readings })))).toEqual(['c', 'b', 'a']);
});

it('shows what stands below a row where it is open', () => {
  const tree = [row('h', 'host', [row('y', 'b'), row('x', 'a')]), row('i', 'idle', [row('z', 'c')])];
  const shown = new RowOrder().shown(tree, by('name', false, { isOpen: ({ id }) => id === 'h' }));
  expect(shown.map(({ id, depth, open }) => [id, depth, open])).toEqual([
    ['h', 0, true],
    ['x', 1, false],
    ['y', 1, false],
    ['i', 0, false],
  ]);
});

it('comes to the same order whatever it was before', () => {
  const names = ['db1', 'web2', 'app', 'web10', 'db1', 'zeta', 'cache'];
  const tree = names.map((name, index) => row(`r${index}`, name));
  const order = new RowOrder();
  order.shown(tree, by('name', true));
  const changed = [...tree.slice(2), row('r9', 'mail'), row('r0', 'apt')];
  expect(ids(order.shown(changed, by('name')))).toEqual(ids(new RowOrder().shown(changed, by('name'))));
});
