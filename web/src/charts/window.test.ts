import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearch, stringifySearch } from '~/searchParams';
import {
  bounds,
  parseWindow,
  pauseAt,
  rangeMillis,
  readWindow,
  resume,
  scaled,
  shifted,
  spanSearch,
  toSpan,
  windowLabel,
  zoomReset,
  zoomTo,
  type WindowSearch,
} from './window';

const NOON = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3_600_000;

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
    expect(readWindow(parseWindow({}))).toEqual({ type: 'following', range: '1h' });
  });

  it('is dropped where it makes no sense', () => {
    expect(parseWindow({ range: 'soon', until: 'later' })).toEqual({});
    expect(parseWindow({ from: '2026-11-21T10:00:00Z', to: '2026-11-21T09:00:00Z' })).toEqual({});
    expect(parseWindow({ from: '2026-11-21T10:00:00Z' })).toEqual({});
  });

  it('survives the way through address and API', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4e9 }), fc.integer({ min: 1, max: 1e8 }), (start, length) => {
        const search = spanSearch(start * 1000, (start + length) * 1000);
        expect(throughAddress(search)).toEqual(search);
        const window = readWindow(search);
        expect(window).toEqual({ type: 'span', from: start * 1000, to: (start + length) * 1000 });
        expect(toSpan(window)).toEqual(search);
      }),
    );
  });

  it.each([
    { range: '6h' },
    { range: '6h', until: '2026-11-21T12:00:00Z' },
    { range: '6h', until: '2026-11-21T12:00:00Z', from: '2026-11-21T09:00:00Z', to: '2026-11-21T10:00:00Z' },
  ])('is the same after a reload: %j', search => {
    expect(throughAddress(search)).toEqual(search);
  });
});

describe('pausing', () => {
  it('shows the same stretch however late it gets, and resuming follows again', () => {
    const paused = pauseAt({ range: '6h' }, NOON);
    const window = readWindow(paused);
    expect(bounds(window, NOON + 5 * HOUR)).toEqual({ from: NOON - 6 * HOUR, to: NOON });
    expect(toSpan(window)).toEqual(spanSearch(NOON - 6 * HOUR, NOON));
    expect(readWindow(resume(paused))).toEqual({ type: 'following', range: '6h' });
  });
});

describe('zooming', () => {
  const search = pauseAt({ range: '6h' }, NOON);

  it('goes back to where it came from', () => {
    expect(zoomReset(zoomTo(zoomTo(search, NOON - HOUR, NOON), NOON - HOUR / 2, NOON))).toEqual(search);
  });

  it('shows at least a minute, around the middle of what was chosen', () => {
    expect(readWindow(zoomTo({}, NOON, NOON + 2000))).toEqual({ type: 'span', from: NOON - 29_000, to: NOON + 31_000 });
  });

  it('keeps the time around which it zooms in its place', () => {
    const { from, to } = scaled({ from: NOON, to: NOON + HOUR }, 0.5, NOON + HOUR / 4);
    expect([from, to]).toEqual([NOON + HOUR / 8, NOON + HOUR * 0.625]);
  });

  it('moves by shares of its length, and never into the future', () => {
    const span = { from: NOON - 2 * HOUR, to: NOON - HOUR };
    expect(shifted(span, -0.5, NOON)).toEqual({ from: NOON - 2.5 * HOUR, to: NOON - 1.5 * HOUR });
    expect(shifted(span, 1, NOON - HOUR / 2)).toEqual({ from: NOON - 1.5 * HOUR, to: NOON - HOUR / 2 });
    expect(shifted(span, 1, NOON - 3 * HOUR)).toEqual(span);
  });
});

it('is named in words', () => {
  expect(windowLabel({ type: 'following', range: '15m' })).toBe('Last 15 min');
  expect(windowLabel({ type: 'following', range: '3h' })).toBe('Last 3 h');
});

function throughAddress(search: WindowSearch): WindowSearch {
  return parseWindow(parseSearch(stringifySearch(search)));
}
