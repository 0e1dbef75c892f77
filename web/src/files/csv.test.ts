import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell, csvText } from './csv';

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
