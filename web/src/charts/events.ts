// What happened to the resource, as marks on its charts.
import type { ResourceChange } from '~/api/types';
import { describeChange } from '~/strings/changes';

export type ChartEvent = { at: number; text: string };

export function chartEvents(changes: readonly ResourceChange[], from: number, to: number): ChartEvent[] {
  return changes.flatMap(change => {
    const at = Date.parse(change.occurredAt ?? change.observedAt);
    return at >= from && at <= to ? [{ at, text: describeChange(change) }] : [];
  });
}
