// The cells of one resource, by column.
import type { Metric, Resource } from '~/api/types';
import { Age } from '~/components/Age';
import { Meter } from '~/components/Meter';
import { Reading, UnknownValue } from '~/components/Reading';
import { Sparkline } from '~/components/Sparkline';
import type { Spark } from '~/components/sparkPath';
import { StatusMark } from '~/components/StatusMark';
import { formatDuration } from '~/format/time';
import { metricLabel, metricUnit } from '~/format/metrics';
import type { RowReadings } from '~/live/estate';
import { KIND, UNKNOWN_REASON } from '~/strings/labels';
import { useNow } from '~/time/useNow';
import { hostFacet } from '~/pages/resource/facets';
import { isMetricColumn, type ColumnId } from './columnIds';
import { columnMetric, diskShare, sparkMetric } from './diskShare';
import { diskDoubt, memoryDoubt } from './doubt';
import { isFactColumn, readFact, type FactColumn } from './facts';
import { SourcesCell } from './SourcesCell';

export type CellProps = {
  /** Any but the name, which stands beside the opener of its row. */
  column: Exclude<ColumnId, 'name'>;
  resource: Resource;
  readings: RowReadings;
  spark: Spark;
};

const MINUTE_MS = 60_000;
const PERCENT_TOP = 100;

export function Cell({ column, resource, readings, spark }: CellProps) {
  if (isFactColumn(column)) return <FactCell resource={resource} column={column} />;
  if (column === 'cpu' || column === 'memory') {
    const doubt = column === 'memory' ? memoryDoubt(resource) : undefined;
    return <Share metric={column} readings={readings} doubt={doubt} />;
  }
  if (isMetricColumn(column)) return <ValueCell metric={columnMetric(column, resource.kind)} readings={readings} />;
  switch (column) {
    case 'status':
      return <StatusMark status={resource.status} />;
    case 'kind':
      return KIND[resource.kind].one;
    case 'parent':
      return resource.parentName;
    case 'address':
      return <Several all={resource.identity.ipAddresses} />;
    case 'tags':
      return <Several all={resource.tags} />;
    case 'disk':
      return <DiskCell resource={resource} readings={readings} />;
    case 'spark':
      return <SparkCell resource={resource} spark={spark} />;
    case 'uptime':
      return <UptimeCell resource={resource} />;
    case 'seen':
      return <Age time={readings.lastSeen} />;
    case 'sources':
      return <SourcesCell sources={resource.sources} />;
  }
}

/** The first of them, and how many more there are. */
function Several({ all }: { all: readonly string[] }) {
  const [first, ...others] = all;
  if (first === undefined) return null;
  return (
    <span data-tip={all.join('\n')}>
      {first} {others.length > 0 && <span className="dim">+{others.length}</span>}
    </span>
  );
}

function DiskCell({ resource, readings }: Pick<CellProps, 'resource' | 'readings'>) {
  const metric = diskShare(resource.kind);
  return metric && <Share metric={metric} readings={readings} doubt={diskDoubt(resource)} />;
}

type ShareProps = { metric: Metric; readings: RowReadings; doubt: string | undefined };

function Share({ metric, readings, doubt }: ShareProps) {
  const reading = readings.metrics[metric];
  return <Meter reading={reading} label={metricLabel(metric)} seen={readings.lastSeen} {...(doubt && { doubt })} />;
}

export function FactCell({ resource, column }: { resource: Resource; column: FactColumn }) {
  const fact = readFact(resource, column);
  if (fact === undefined) return null;
  if (fact === null) return <UnknownValue why={UNKNOWN_REASON.not_reported} />;
  const { text, status } = fact;
  return status ? <StatusMark status={status} text={text} /> : <span data-tip={text}>{text}</span>;
}

function ValueCell({ metric, readings }: { metric: Metric; readings: RowReadings }) {
  const reading = readings.metrics[metric];
  return reading && <Reading reading={reading} unit={metricUnit(metric)} seen={readings.lastSeen} />;
}

function SparkCell({ resource, spark }: Pick<CellProps, 'resource' | 'spark'>) {
  const metric = sparkMetric(resource.kind);
  const label = `${metricLabel(metric, resource.kind)} over the last hour`;
  return <Sparkline spark={spark} label={label} {...(metricUnit(metric) === 'percent' && { top: PERCENT_TOP })} />;
}

function UptimeCell({ resource }: { resource: Resource }) {
  const now = useNow(MINUTE_MS);
  const bootedAt = hostFacet(resource)?.bootedAt;
  return bootedAt ? formatDuration(now - Date.parse(bootedAt)) : null;
}
