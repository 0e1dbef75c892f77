// Every current value, with its reason where it is unknown.
import type { Metric, Resource } from '~/api/types';
import { Facts } from '~/components/Facts';
import { Panel } from '~/components/Panel';
import { Reading } from '~/components/Reading';
import { metricLabel, metricUnit } from '~/format/metrics';
import type { LiveReading, RowReadings } from '~/live/estate';

export function ReadingsPanel({ resource, readings }: { resource: Resource; readings: RowReadings }) {
  const entries = Object.entries(readings.metrics) as [Metric, LiveReading][];
  if (entries.length === 0) return null;
  const facts = entries.map(([metric, reading]) => ({
    term: metricLabel(metric, resource.kind),
    value: <Reading reading={reading} unit={metricUnit(metric)} />,
  }));
  return (
    <Panel title="Now">
      <Facts facts={facts} />
    </Panel>
  );
}
