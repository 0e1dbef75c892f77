// The cells of one resource, by column.
import { memo } from 'react';
import type { Metric, Resource, ResourceKind } from '~/api/types';
import { Age } from '~/components/Age';
import { Meter } from '~/components/Meter';
import { Reading, UnknownValue } from '~/components/Reading';
import { Sparkline } from '~/components/Sparkline';
import type { Spark } from '~/components/sparkPath';
import { StatusMark } from '~/components/StatusMark';
import { formatDuration } from '~/format/time';
import { metricLabel, metricUnit } from '~/format/metrics';
import { useRowReading, useRowReadings } from '~/live/LiveContext';
import { KIND, UNKNOWN_REASON } from '~/strings/labels';
import { useNow } from '~/time/useNow';
import { hostFacet } from '~/pages/resource/facets';
import { isMetricColumn, type ColumnId } from './columnIds';
import { columnMetric, diskShare, sparkMetric } from './diskShare';
import { diskDoubt, memoryDoubt } from './doubt';
import { isFactColumn, readFact, type FactColumn } from './facts';
import { SourcesCell } from './SourcesCell';
import classes from './ResourceTable.module.css';

type CellProps = {
  /** Any but the name, which stands beside the opener of its row, and the line of the last hour, which is the table's. */
  column: Exclude<ColumnId, 'name' | 'spark'>;
  resource: Resource;
};

const MINUTE_MS = 60_000;
const PERCENT_TOP = 100;

export const Cell = memo(function Cell({ column, resource }: CellProps) {
  if (isFactColumn(column)) return <FactCell resource={resource} column={column} />;
  if (column === 'cpu') return <Share metric={column} resource={resource} doubt={undefined} />;
  if (column === 'memory') return <Share metric={column} resource={resource} doubt={memoryDoubt(resource)} />;
  if (isMetricColumn(column)) return <ValueCell metric={columnMetric(column, resource.kind)} resource={resource} />;
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
      return <DiskCell resource={resource} />;
    case 'uptime':
      return <UptimeCell resource={resource} />;
    case 'seen':
      return <SeenCell resource={resource} />;
    case 'sources':
      return <SourcesCell sources={resource.sources} />;
  }
});

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

function DiskCell({ resource }: Pick<CellProps, 'resource'>) {
  const metric = diskShare(resource.kind);
  return metric && <Share metric={metric} resource={resource} doubt={diskDoubt(resource)} />;
}

type ShareProps = { metric: Metric; resource: Resource; doubt: string | undefined };

function Share({ metric, resource, doubt }: ShareProps) {
  const { metrics, lastSeen } = useRowReadings(resource.id);
  return <Meter reading={metrics[metric]} seen={lastSeen} {...(doubt && { doubt })} />;
}

export function FactCell({ resource, column }: { resource: Resource; column: FactColumn }) {
  const fact = readFact(resource, column);
  if (fact === undefined) return null;
  if (fact === null) return <UnknownValue why={UNKNOWN_REASON.not_reported} />;
  const { text, status } = fact;
  return status ? <StatusMark status={status} text={text} /> : <span data-tip={text}>{text}</span>;
}

function ValueCell({ metric, resource }: Pick<ShareProps, 'metric' | 'resource'>) {
  const { metrics, lastSeen } = useRowReadings(resource.id);
  const reading = metrics[metric];
  return (
    <div className={classes.live}>
      {reading && <Reading reading={reading} unit={metricUnit(metric)} seen={lastSeen} />}
    </div>
  );
}

function SeenCell({ resource }: Pick<CellProps, 'resource'>) {
  return (
    <div className={classes.live}>
      <Age time={useRowReading(resource.id, ({ lastSeen }) => lastSeen)} />
    </div>
  );
}

export const SparkCell = memo(function SparkCell({ kind, spark }: { kind: ResourceKind; spark: Spark }) {
  const metric = sparkMetric(kind);
  const label = `${metricLabel(metric, kind)} over the last hour`;
  return <Sparkline spark={spark} label={label} {...(metricUnit(metric) === 'percent' && { top: PERCENT_TOP })} />;
});

function UptimeCell({ resource }: { resource: Resource }) {
  const now = useNow(MINUTE_MS);
  const bootedAt = hostFacet(resource)?.bootedAt;
  return bootedAt ? formatDuration(now - Date.parse(bootedAt)) : null;
}
