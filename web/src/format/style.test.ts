import { afterEach, expect, it } from 'vitest';
import { isTimeZone, writeAs } from './style';
import { formatClock, formatTime } from './time';
import { formatBytes, formatValue } from './units';

const AT = Date.parse('2026-11-21T23:30:00Z');

afterEach(() => {
  writeAs({ timeZone: 'local', units: 'binary' });
});

it('writes times in the zone that was chosen, from then on', () => {
  writeAs({ timeZone: 'UTC', units: 'binary' });
  expect(formatClock(AT)).toContain('30');
  expect(formatTime(AT)).toMatch(/21.*UTC/);
  writeAs({ timeZone: 'Asia/Tokyo', units: 'binary' });
  expect(formatTime(AT)).toMatch(/22/);
});

it('writes bytes with the units that were chosen, and never one under the name of the other', () => {
  expect(formatBytes(1_500_000_000)).toBe('1.4 GiB');
  writeAs({ timeZone: 'local', units: 'decimal' });
  expect(formatBytes(1_500_000_000)).toBe('1.5 GB');
  expect(formatValue('bytes_per_second', 2_000_000)).toBe('2 MB/s');
});

it('knows which zones there are', () => {
  expect(['UTC', 'Europe/Berlin'].every(isTimeZone)).toBe(true);
  expect(isTimeZone('Middle/Earth')).toBe(false);
});
