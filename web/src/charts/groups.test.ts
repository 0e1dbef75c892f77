import { expect, it } from 'vitest';
import { valueRange } from './axes';
import { chartGroups } from './groups';

it('offers the charts for what is measured, and no others', () => {
  const titles = (kind: 'agent' | 'storage' | 'physical_disk', metrics: Parameters<typeof chartGroups>[1]) =>
    chartGroups(kind, metrics).map(({ title, metrics: shown }) => `${title}: ${shown.join()}`);
  expect(titles('agent', new Set(['cpu', 'load1', 'load15']))).toEqual(['CPU: cpu', 'Load: load1,load15']);
  expect(titles('storage', new Set(['usage', 'used']))).toEqual(['Space in use: usage', 'Space: used']);
  expect(titles('physical_disk', new Set(['disk']))).toEqual(['Time busy: disk']);
  expect(titles('agent', new Set())).toEqual([]);
});

it('scales from zero, up to the top where there is one', () => {
  expect(valueRange(20, 40, 100)).toEqual([0, 100]);
  expect(valueRange(20, 250, 100)).toEqual([0, 250]);
  expect(valueRange(null, null, undefined)).toEqual([0, 1]);
  expect(valueRange(-5, 10, undefined)[0]).toBe(-5);
});
