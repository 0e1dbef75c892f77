import { expect, it } from 'vitest';
import { fitColumns, gridTracks } from './columns';

const ids = ['status', 'name', 'cpu', 'memory', 'uptime', 'seen'] as const;

it('lets columns give way by rank until the rest fits', () => {
  const fitting = (room: number) => fitColumns(ids, room).map(({ id }) => id);
  expect(fitting(2000)).toEqual(ids);
  expect(fitting(650)).toEqual(['status', 'name', 'cpu', 'memory', 'seen']);
  expect(fitting(500)).toEqual(['status', 'name', 'cpu', 'seen']);
});

it('never drops status, name and age: a value without its age could be an old one', () => {
  expect(fitColumns(ids, 0).map(({ id }) => id)).toEqual(['status', 'name', 'seen']);
});

it('gives the room that is left to the columns that grow', () => {
  expect(gridTracks(fitColumns(['status', 'name'], 500))).toBe('96px minmax(180px, 3fr)');
});
