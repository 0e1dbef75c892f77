// The columns in which the parts of a resource are listed, by kind.
import type { ReactNode } from 'react';
import type { Facet, FacetOf, Metric, Resource, ResourceKind } from '~/api/types';
import type { Head } from '~/components/Heads';
import { Meter } from '~/components/Meter';
import { Reading, UnknownValue } from '~/components/Reading';
import { StatusMark } from '~/components/StatusMark';
import { metricUnit } from '~/format/metrics';
import { formatBitRate } from '~/format/units';
import type { RowReadings } from '~/live/estate';
import { UNKNOWN_REASON } from '~/strings/labels';
import { FactCell } from '~/table/Cell';
import type { FactColumn } from '~/table/facts';
import { ChildName } from './ChildName';
import { facetOf } from './facets';

export type ChildColumn = Head & {
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
  cell: (_resource, { metrics, lastSeen }) => <Meter reading={metrics[metric]} seen={lastSeen} />,
});

const fact = (title: string, read: (resource: Resource) => ReactNode, numeric = false): ChildColumn => ({
  title,
  numeric,
  optional: true,
  cell: read,
});

/** A fact that is a column of the large tables as well. */
const shared = (title: string, column: FactColumn, rest: Partial<Head> = { optional: true }): ChildColumn => ({
  title,
  ...rest,
  cell: resource => <FactCell resource={resource} column={column} />,
});

/** A fact out of a facet. Nothing where the facet does not apply; the word unknown where no source told the fact. */
function told<Name extends Facet['facet']>(
  resource: Resource,
  name: Name,
  read: (facet: FacetOf<Name>) => string | null | undefined,
): ReactNode {
  const facet = facetOf(resource, name);
  return facet && (read(facet) ?? <UnknownValue why={UNKNOWN_REASON.not_reported} />);
}

const written = (value: number | null | undefined, write: (value: number) => string) =>
  typeof value === 'number' ? write(value) : null;

export const GENERIC_COLUMNS: readonly ChildColumn[] = [name, status];

const GUEST_COLUMNS: readonly ChildColumn[] = [
  name,
  status,
  shared('Number', 'number'),
  share('CPU', 'cpu'),
  share('Memory', 'memory'),
  value('Received', 'netin', true),
  value('Sent', 'netout', true),
];

export const CHILD_COLUMNS: Partial<Record<ResourceKind, readonly ChildColumn[]>> = {
  vm: GUEST_COLUMNS,
  'system-container': GUEST_COLUMNS,
  storage: [
    name,
    status,
    share('In use', 'usage'),
    value('Used', 'used', true),
    value('Available', 'avail', true),
    shared('Type', 'type'),
    fact('Device', resource => told(resource, 'filesystem', ({ device }) => device)),
  ],
  physical_disk: [
    name,
    status,
    shared('Model', 'model'),
    shared('Size', 'size', { optional: true, numeric: true }),
    shared('SMART', 'smart'),
    shared('Risk', 'risk', {}),
    share('Busy', 'disk'),
    value('Read', 'diskread', true),
    value('Written', 'diskwrite', true),
    value('Temp.', 'smart_temp', true),
  ],
  'network-endpoint': [
    name,
    status,
    fact('Addresses', resource => told(resource, 'networkInterface', ({ addresses }) => addresses.join(', '))),
    fact('MAC address', resource => told(resource, 'networkInterface', ({ macAddress }) => macAddress)),
    fact(
      'Speed',
      resource => told(resource, 'networkInterface', ({ speedBitsPerSecond: speed }) => written(speed, formatBitRate)),
      true,
    ),
    value('Received', 'netin'),
    value('Sent', 'netout'),
  ],
};
