// Writes numbers with their units. The one module that does; bytes with binary prefixes (IEC) or decimal ones (SI), as
// chosen, and never one under the name of the other.
import type { Unit } from '~/api/types';
import { numberFormat, unitsChosen } from './style';

const BINARY_PREFIXES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;
const DECIMAL_PREFIXES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;
const BIT_PREFIXES = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'] as const;
const COUNT = numberFormat({ maximumFractionDigits: 0 });

/** Two to three significant digits: `1.5`, `15`, `150`; `9.99` becomes `10`. */
function compact(value: number): string {
  return Math.abs(value) < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(0);
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let amount = value;
  let step = 0;
  // Rounds first, so that 1023.7 KiB becomes 1 MiB and not 1024 KiB.
  while (Math.round(Math.abs(amount)) >= base && step < units.length - 1) {
    amount /= base;
    step += 1;
  }
  return `${compact(amount)} ${units[step] ?? ''}`;
}

export function formatBytes(bytes: number): string {
  return unitsChosen() === 'binary' ? scaled(bytes, 1024, BINARY_PREFIXES) : scaled(bytes, 1000, DECIMAL_PREFIXES);
}

export function formatBitRate(bitsPerSecond: number): string {
  return scaled(bitsPerSecond, 1000, BIT_PREFIXES);
}

export function formatPercent(percent: number): string {
  return `${percent !== 0 && Math.abs(percent) < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

export function formatCount(count: number): string {
  return COUNT(count);
}

/** `1 row`, `2,000 rows`: with whatever else changes with the number. */
export function counted(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function formatNumber(value: number): string {
  return Math.abs(value) >= 1000 || Number.isInteger(value) ? formatCount(value) : value.toFixed(2);
}

/** Writes a metric's value as people read it. */
export function formatValue(unit: Unit, value: number): string {
  switch (unit) {
    case 'percent':
      return formatPercent(value);
    case 'bytes':
      return formatBytes(value);
    case 'bytes_per_second':
      return `${formatBytes(value)}/s`;
    case 'celsius':
      return `${value.toFixed(0)} °C`;
    case 'number':
      return formatNumber(value);
    case 'hours':
      return `${formatCount(value)} h`;
  }
}
