import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBitRate, formatBytes, formatPercent, formatValue } from './units';

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [1024 * 1023.7, '1 MiB'],
    [15 * 1024 ** 3, '15 GiB'],
    [-2048, '-2 KiB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('never writes four digits before a unit that has a larger one, and stays within 5 % of the value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 53 }), bytes => {
        const [amount = '', unit = ''] = formatBytes(bytes).split(' ');
        const power = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'].indexOf(unit);
        expect(Number(amount)).toBeLessThan(1024);
        expect(Math.abs(Number(amount) * 1024 ** power - bytes) / bytes).toBeLessThanOrEqual(0.05);
      }),
    );
  });
});

it.each([
  [0, '0 %'],
  [0.04, '0.0 %'],
  [7.26, '7.3 %'],
  [9.97, '10 %'],
  [99.6, '100 %'],
])('%d percent is %s', (percent, text) => {
  expect(formatPercent(percent)).toBe(text);
});

it.each([
  ['percent', 45.2, '45 %'],
  ['bytes', 4096, '4 KiB'],
  ['bytes_per_second', 1_500_000, '1.4 MiB/s'],
  ['celsius', 41.6, '42 °C'],
  ['number', 0.5, '0.50'],
  ['number', 12_345, '12,345'],
  ['hours', 20_000, '20,000 h'],
] as const)('%s %d is %s', (unit, value, text) => {
  expect(formatValue(unit, value)).toBe(text);
});

it('writes link speeds with decimal prefixes', () => {
  expect(formatBitRate(10_000_000_000)).toBe('10 Gbit/s');
  expect(formatBitRate(2_500_000_000)).toBe('2.5 Gbit/s');
});
