import { describe, expect, it } from 'vitest';
import type { ChartData } from './shape';
import { eventLines, gapLine, metricLine, pointTime, tooltipLines, type TooltipContent } from './tooltip';

const at = Date.parse('2026-11-21T09:00:00Z');
const content: TooltipContent = {
  metrics: ['cpu'],
  kind: 'agent',
  stepMillis: 10_000,
  gaps: [{ from: at - 5000, to: at + 5000, reason: 'server_stopped' }],
  events: [{ id: 'one', at: at + 4000, text: 'Restart' }],
};

describe('the tooltip of a chart', () => {
  it('names average and spread where a point holds several samples', () => {
    expect(metricLine('cpu', 'agent', [50, 40, 60])).toBe('CPU: 50 % (40 % to 60 %)');
    expect(metricLine('cpu', 'agent', [50, 50, 50])).toBe('CPU: 50 %');
  });

  it('calls a missing value missing, not zero (D-9)', () => {
    expect(metricLine('cpu', 'agent', [null, null, null])).toBe('CPU: not recorded');
  });

  it('tells the last sample of a slow metric, and when that was', () => {
    const data: ChartData = [
      [at, at + 10_000, at + 20_000],
      [5, undefined, 7],
      [4, undefined, 6],
      [6, undefined, 8],
    ];
    const [line] = tooltipLines(data, 1, content, false);
    expect(line).toMatch(/^CPU: 5.0 % \(4.0 % to 6.0 %\) at \d\d:\d\d:00$/);
    expect(tooltipLines(data, 2, content, false)).toEqual(['CPU: 7.0 % (6.0 % to 8.0 %)']);
  });

  it('gives the reason of a gap, and admits where none is known', () => {
    expect(gapLine(at, at + 10_000, content.gaps)).toBe('Gap: This server was not running');
    expect(gapLine(at + 60_000, at + 70_000, content.gaps)).toBe('Nothing was recorded here');
    expect(tooltipLines([[at], [null], [null], [null]], 0, content, false)).toEqual([
      'Gap: This server was not running',
    ]);
  });

  it('tells what happened within the point, and how much more there was', () => {
    expect(eventLines(at, content)).toEqual(['Restart']);
    expect(eventLines(at + 60_000, content)).toEqual([]);
    const events = Array.from({ length: 6 }, (_, index) => ({ id: String(index), at, text: `Event ${index}` }));
    expect(eventLines(at, { ...content, events })).toEqual([
      'Event 0',
      'Event 1',
      'Event 2',
      'Event 3',
      'and 2 more events',
    ]);
  });

  it('says the time once, on the chart that is pointed at', () => {
    expect(tooltipLines([[at], [1], [1], [1]], 0, content, true)).toEqual([
      pointTime(at, 10_000),
      'CPU: 1.0 %',
      'Restart',
    ]);
    expect(tooltipLines([[at], [1], [1], [1]], 0, content, false)).toEqual(['CPU: 1.0 %']);
  });

  it('says which stretch a point stands for', () => {
    expect(pointTime(at, 300_000)).toMatch(/to \d\d:05:00$/);
  });
});
