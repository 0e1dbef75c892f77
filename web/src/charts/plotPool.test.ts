import { describe, expect, it, vi } from 'vitest';
import { PlotPool } from './plotPool';

describe('the plots of a page (D-31)', () => {
  it('go from the chart that left the screen first to one made alike', () => {
    const pool = new PlotPool<string>();
    const taken = vi.fn();
    pool.rest('first', 'cpu dark', taken);
    pool.rest('second', 'cpu dark', vi.fn());
    expect(pool.take('cpu light')).toBeUndefined();
    expect(pool.take('cpu dark')).toBe('first');
    expect(taken).toHaveBeenCalledOnce();
    expect([pool.take('cpu dark'), pool.take('cpu dark')]).toEqual(['second', undefined]);
  });

  it('stay with a chart that comes back before another needs them', () => {
    const pool = new PlotPool<string>();
    pool.rest('first', 'cpu', vi.fn());
    pool.keep('first');
    expect(pool.take('cpu')).toBeUndefined();
  });
});
