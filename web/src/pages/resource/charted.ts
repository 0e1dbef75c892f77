// Which metrics of a resource are worth a chart.
import type { Metric } from '~/api/types';
import type { LiveReading, RowReadings } from '~/live/estate';

/** All that it has, by name, except those that its source says it cannot have. */
export function charted({ metrics }: RowReadings): Metric[] {
  const entries = Object.entries(metrics) as [Metric, LiveReading][];
  const possible = entries.filter(([, reading]) => reading.state === 'known' || reading.reason !== 'not_supported');
  return possible.map(([metric]) => metric).toSorted();
}
