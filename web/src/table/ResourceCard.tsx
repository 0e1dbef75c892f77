// One resource on a small screen: name and status, and the values that matter most.
import type { ReactNode, Ref } from 'react';
import type { Metric, Resource } from '~/api/types';
import { Age } from '~/components/Age';
import { Reading } from '~/components/Reading';
import { StatusMark } from '~/components/StatusMark';
import { metricLabel, metricUnit } from '~/format/metrics';
import { useRowReadings } from '~/live/LiveContext';
import { KIND } from '~/strings/labels';
import { FactCell } from './Cell';
import { COLUMNS } from './columns';
import { sparkMetric } from './diskShare';
import { rowLink } from './followRowLink';
import classes from './ResourceCard.module.css';

/** A part stands further in than the name of what it belongs to, which has its opener before it. */
const INDENT = 44;

/** What tells most of a physical disk: its rates are known of few. */
const DISK_FACTS = ['smart', 'risk'] as const;

type Props = {
  ref?: Ref<HTMLDivElement>;
  resource: Resource;
  position: number;
  depth: number;
  opener: ReactNode;
  stale: boolean;
};

function shown(resource: Resource): Metric[] {
  if (sparkMetric(resource.kind) === 'usage') return ['usage', 'avail'];
  if (resource.kind === 'network-endpoint') return ['netin', 'netout'];
  return sparkMetric(resource.kind) === 'cpu' ? ['cpu', 'memory', 'disk'] : [];
}

export function ResourceCard({ ref, resource, position, depth, opener, stale }: Props) {
  const readings = useRowReadings(resource.id);
  return (
    <div
      ref={ref}
      role="row"
      aria-rowindex={position}
      className={classes.card}
      data-stale={stale}
      data-row={resource.id}
      style={{ paddingLeft: 4 + depth * INDENT }}
    >
      <div role="cell">{opener}</div>
      <div role="cell" className={classes.content}>
        <a {...rowLink(resource.id)} className={classes.link}>
          <span className={classes.name}>{resource.canonicalIdentity.displayName}</span>
          <StatusMark status={resource.status} />
        </a>
        <div className={classes.values}>
          {resource.kind === 'physical_disk' &&
            DISK_FACTS.map(column => (
              <span key={column}>
                <span className="dim">{COLUMNS[column].title} </span>
                <FactCell resource={resource} column={column} />
              </span>
            ))}
          {shown(resource).map(metric => {
            const reading = readings.metrics[metric];
            return (
              reading && (
                <span key={metric}>
                  <span className="dim">
                    {metric === 'disk' ? COLUMNS.disk.title : metricLabel(metric, resource.kind)}{' '}
                  </span>
                  <Reading reading={reading} unit={metricUnit(metric)} seen={readings.lastSeen} />
                </span>
              )
            );
          })}
        </div>
        <div className={classes.foot}>
          {KIND[resource.kind].one}, seen <Age time={readings.lastSeen} />
        </div>
      </div>
    </div>
  );
}
