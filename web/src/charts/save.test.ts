import { expect, it } from 'vitest';
import { fileName } from '~/files/download';
import { chartCsv } from './save';

const START = Date.parse('2026-11-21T09:00:00Z');

it('a chart as CSV has a line for each point, and nothing where nothing was recorded (D-9)', () => {
  const data = [
    [START, START + 10_000],
    [1.5, null],
    [1, null],
    [-2, null],
  ] as [number[], ...(number | null)[][]];
  expect(chartCsv(data, ['cpu'])).toBe(
    'time,cpu_avg (percent),cpu_min (percent),cpu_max (percent)\r\n' +
      '2026-11-21T09:00:00.000Z,1.5,1,-2\r\n' +
      '2026-11-21T09:00:10.000Z,,,\r\n',
  );
});

it('a file is named after what it holds, whatever that is called', () => {
  expect(fileName(['web/1 "prod"', 'Disk I/O'], 'png')).toBe('web-1-prod-Disk-I-O.png');
  expect(fileName(['../..'], 'csv')).toBe('muster.csv');
});
