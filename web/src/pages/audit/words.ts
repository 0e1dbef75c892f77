// Words for what a check found.
import type { AuditAnchorState, AuditFinding } from '~/api/types';

export const ANCHOR_STATE: Record<AuditAnchorState, string> = {
  confirmed: 'The head is confirmed: nothing before it was rewritten.',
  contradicted: 'Another link stands where the head was: the log was rewritten since.',
  absent: 'The log ends before the head: its end was cut off, or this is another log.',
  dropped: 'The head is older than what is kept. Note a newer one.',
};

export function placeOf({ segment, link, firstRow, lastRow }: AuditFinding): string {
  const parts = [`segment ${String(segment)}`];
  if (typeof link === 'number') parts.push(`link ${String(link)}`);
  if (typeof firstRow === 'number' && typeof lastRow === 'number') {
    parts.push(firstRow === lastRow ? `row ${String(firstRow)}` : `rows ${String(firstRow)} to ${String(lastRow)}`);
  }
  return parts.join(', ');
}
