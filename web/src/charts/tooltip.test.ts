import { describe, expect, it } from 'vitest';
import { spread } from './plugins';
import { gapLine, metricLine, tooltipLines, type TooltipContent } from './tooltip';

const at = Date.parse('2026-11-21T09:00:00Z');
const content: TooltipContent = {
  metrics: ['cpu'],
  kind: 'agent',
  stepMillis: 10_000,
  gaps: [{ from: at - 5000, to: at + 5000, reason: 'server_stopped' }],
  events: [{ at: at + 4000, text: 'Restart' }],
};

describe('the tooltip of a chart', () => {
  it('names average and spread where a point holds several samples', () => {
    expect(metricLine('cpu', 'agent', [50, 40, 60])).toBe('CPU: 50 % (40 % to 60 %)');
    expect(metricLine('cpu', 'agent', [50, 50, 50])).toBe('CPU: 50 %');
  });

  it('calls a missing value missing, not zero (D-9)', () => {
    expect(metricLine('cpu', 'agent', [null, null, null])).toBe('CPU: not recorded');
  });

  it('gives the reason of a gap, and admits where none is known', () => {
    expect(gapLine(at, content.gaps)).toBe('Gap: This server was not running');
    expect(gapLine(at + 60_000, content.gaps)).toBe('Nothing was recorded here');
    expect(tooltipLines([null, null, null], at, content)).toContain('Gap: This server was not running');
  });

  it('tells what happened near the point', () => {
    expect(tooltipLines([1, 1, 1], at, content)).toContain('Restart');
    expect(tooltipLines([1, 1, 1], at + 60_000, content)).not.toContain('Restart');
  });
});

it('keeps marks apart and within the plot', () => {
  expect(spread([30, 10, 12, -5, 50, 200], 0, 100, 8)).toEqual([10, 30, 50]);
});
