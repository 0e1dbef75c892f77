// The columns in which the parts of a resource are listed, by kind.
import type { ReactNode } from 'react';
import type { Metric, Resource, ResourceKind } from '~/api/types';
import { Meter } from '~/components/Meter';
import { Reading } from '~/components/Reading';
import { StatusMark } from '~/components/StatusMark';
import { metricLabel, metricUnit } from '~/format/metrics';
import { formatBitRate, formatBytes } from '~/format/units';
import type { RowReadings } from '~/live/estate';
import { ChildName } from './ChildName';
import { facetOf } from './facets';

export type ChildColumn = {
  title: string;
  /** Set to the right. */
  numeric?: boolean;
  /** Left out on small screens. */
  optional?: boolean;
  cell: (resource: Resource, readings: RowReadings) => ReactNode;
};

const name: ChildColumn = {
  title: 'Name',
  cell: (resource, readings) => <ChildName resource={resource} lastSeen={readings.lastSeen} />,
};

const status: ChildColumn = { title: 'Status', cell: resource => <StatusMark status={resource.status} /> };

const value = (title: string, metric: Metric, optional = false): ChildColumn => ({
  title,
  numeric: true,
  optional,
  cell: (_resource, { metrics, lastSeen }) => {
    const reading = metrics[metric];
    return reading && <Reading reading={reading} unit={metricUnit(metric)} seen={lastSeen} />;
  },
});

const share = (title: string, metric: Metric): ChildColumn => ({
  title,
  cell: (resource, { metrics, lastSeen }) => (
    <Meter reading={metrics[metric]} label={metricLabel(metric, resource.kind)} seen={lastSeen} />
  ),
});

const fact = (title: string, read: (resource: Resource) => ReactNode, numeric = false): ChildColumn => ({
  title,
  numeric,
  optional: true,
  cell: read,
});

const size = (value: number | null | undefined) => (typeof value === 'number' ? formatBytes(value) : null);

export const GENERIC_COLUMNS: readonly ChildColumn[] = [name, status];

export const CHILD_COLUMNS: Partial<Record<ResourceKind, readonly ChildColumn[]>> = {
  storage: [
    name,
    status,
    share('In use', 'usage'),
    value('Used', 'used'),
    value('Available', 'avail', true),
    fact('Type', resource => facetOf(resource, 'filesystem')?.fsType ?? facetOf(resource, 'storagePool')?.technology),
    fact('Device', resource => facetOf(resource, 'filesystem')?.device),
  ],
  physical_disk: [
    name,
    status,
    fact('Model', resource => facetOf(resource, 'physicalDisk')?.model),
    fact('Size', resource => size(facetOf(resource, 'physicalDisk')?.sizeBytes), true),
    share('Busy', 'disk'),
    value('Read', 'diskread'),
    value('Written', 'diskwrite'),
    value('Temp.', 'smart_temp', true),
  ],
  'network-endpoint': [
    name,
    status,
    fact('Addresses', resource => facetOf(resource, 'networkInterface')?.addresses.join(', ')),
    fact('MAC address', resource => facetOf(resource, 'networkInterface')?.macAddress),
    fact(
      'Speed',
      resource => {
        const speed = facetOf(resource, 'networkInterface')?.speedBitsPerSecond;
        return typeof speed === 'number' ? formatBitRate(speed) : null;
      },
      true,
    ),
    value('Received', 'netin'),
    value('Sent', 'netout'),
  ],
};
