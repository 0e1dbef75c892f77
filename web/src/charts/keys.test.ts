import { expect, it } from 'vitest';
import { chartAction, movedIndex } from './keys';

const press = (key: string, held: Partial<KeyboardEvent> = {}) =>
  chartAction({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held });

it('every interaction of the pointer has a key (UX-5)', () => {
  expect(press('ArrowLeft')).toEqual({ type: 'move', points: -1, selecting: false });
  expect(press('ArrowRight', { shiftKey: true })).toEqual({ type: 'move', points: 1, selecting: true });
  expect(press('Enter')).toEqual({ type: 'enter' });
  expect(press('0')).toEqual({ type: 'reset' });
  expect(press('PageDown')).toEqual({ type: 'event', direction: 1 });
});

it('keys of the browser and of the page stay theirs', () => {
  expect(press('ArrowLeft', { altKey: true })).toBeNull();
  expect(press('-', { ctrlKey: true })).toBeNull();
  expect(press('j')).toBeNull();
  expect(press('Tab')).toBeNull();
});

it('the crosshair begins at the newest point and stays within the chart', () => {
  expect(movedIndex(null, -1, 100)).toBe(99);
  expect(movedIndex(99, 1, 100)).toBe(99);
  expect(movedIndex(3, -10, 100)).toBe(0);
});
