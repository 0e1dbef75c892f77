// Writes a table as CSV. Cells that a spreadsheet would take for a formula are made harmless (D-22).
const FORMULA = /^[=+\-@\t\r]/;
const QUOTED = /[",\r\n]/;

/** One cell: a leading `= + - @` is kept from being a formula by an apostrophe; quotes are doubled. */
export function csvCell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Lines end as RFC 4180 has it. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.map(cells => cells.map(csvCell).join(',') + '\r\n').join('');
}
