import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWindow, rangeMillis, readWindow, spanSearch, toSpan } from './window';

it.each([
  ['15m', 900_000],
  ['24h', 86_400_000],
  ['1y', 31_536_000_000],
  ['0h', undefined],
  ['24', undefined],
  ['h', undefined],
  ['-1h', undefined],
  ['1w', undefined],
])('%s is %s ms', (range, millis) => {
  expect(rangeMillis(range)).toBe(millis);
});

describe('the span in the address', () => {
  it('is an hour where nothing is said', () => {
    expect(readWindow(parseWindow({}))).toEqual({ type: 'range', range: '1h' });
  });

  it('is dropped where it makes no sense', () => {
    expect(parseWindow({ range: 'soon' })).toEqual({});
    expect(parseWindow({ from: '2026-11-21T10:00:00Z', to: '2026-11-21T09:00:00Z' })).toEqual({});
    expect(parseWindow({ from: '2026-11-21T10:00:00Z' })).toEqual({});
  });

  it('survives the way through address and API', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4e9 }), fc.integer({ min: 1, max: 1e8 }), (start, length) => {
        const search = spanSearch(start * 1000, (start + length) * 1000);
        expect(parseWindow(search as Record<string, string>)).toEqual(search);
        const window = readWindow(search);
        expect(window).toEqual({ type: 'span', from: start * 1000, to: (start + length) * 1000 });
        expect(toSpan(window)).toEqual(search);
      }),
    );
  });
});
