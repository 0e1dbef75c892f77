import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aResource } from '~/test/resources';
import { csvCell, csvText, exportRows } from './csv';

describe('CSV cells (D-22)', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+4', "'+4"],
    ['-4', "'-4"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['web, "old"', '"web, ""old"""'],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ['plain', 'plain'],
  ])('%s becomes %s', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  it('never begins with what a spreadsheet would run, whatever a host is called', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(csvCell(text).replace(/^"/, '')).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });
});

it('ends lines as spreadsheets expect', () => {
  expect(
    csvText([
      ['a', 'b'],
      ['1', 'two\nlines'],
    ]),
  ).toBe('a,b\r\n1,"two\nlines"\r\n');
});

it('writes what is shown in base units, with the reason where nothing is known', () => {
  const resource = aResource({ id: 'agent-1', name: '=evil' });
  const row = { type: 'resource' as const, id: resource.id, resource, children: [] };
  const readings = new Map([
    [
      resource.id,
      {
        lastSeen: Date.parse('2026-11-21T09:00:00Z'),
        metrics: {
          cpu: { state: 'known' as const, value: 12.5, at: 0 },
          memory: { state: 'unknown' as const, reason: 'no_baseline' as const },
        },
      },
    ],
  ]);
  expect(exportRows([row], ['name', 'cpu', 'memory', 'spark', 'seen'], readings)).toBe(
    "Name,CPU %,Memory %,Seen\r\n'=evil,12.5,unknown: no_baseline,2026-11-21T09:00:00.000Z\r\n",
  );
});
