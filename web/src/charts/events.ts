// What happened to the resource, as marks on its charts.
import type { ResourceChange } from '~/api/types';
import { describeChange } from '~/strings/changes';

/** `id` is the change's, so that a mark can lead to it. */
export type ChartEvent = { id: string; at: number; text: string };

export function chartEvents(changes: readonly ResourceChange[]): ChartEvent[] {
  return changes.map(change => ({
    id: change.id,
    at: Date.parse(change.occurredAt ?? change.observedAt),
    text: describeChange(change),
  }));
}
