// Which charts a resource has, by what is measured on it. Metrics of one unit share a chart.
import type { Metric, ResourceKind } from '~/api/types';

export type ChartGroup = {
  id: string;
  title: string;
  metrics: readonly Metric[];
  /** The scale reaches at least up to here. */
  top?: number;
  /** False where there are averages only. */
  banded?: boolean;
};

const PERCENT_TOP = 100;

const GROUPS: readonly ChartGroup[] = [
  { id: 'cpu', title: 'CPU', metrics: ['cpu'], top: PERCENT_TOP },
  { id: 'memory', title: 'Memory', metrics: ['memory', 'swap'], top: PERCENT_TOP },
  { id: 'usage', title: 'Space in use', metrics: ['usage'], top: PERCENT_TOP },
  { id: 'space', title: 'Space', metrics: ['used', 'avail'] },
  { id: 'network', title: 'Network', metrics: ['netin', 'netout'] },
  { id: 'disk-io', title: 'Disk I/O', metrics: ['diskread', 'diskwrite'] },
  { id: 'load', title: 'Load', metrics: ['load1', 'load5', 'load15'] },
  { id: 'pressure', title: 'Pressure', metrics: ['pressure_cpu', 'pressure_memory', 'pressure_io'] },
  { id: 'disk', title: 'Disk space', metrics: ['disk'], top: PERCENT_TOP },
  { id: 'temperature', title: 'Temperature', metrics: ['temperature', 'smart_temp'] },
];

/** The charts for the metrics that there are, each without those that there are not. */
export function chartGroups(kind: ResourceKind, present: ReadonlySet<Metric>): ChartGroup[] {
  return GROUPS.flatMap(group => {
    const metrics = group.metrics.filter(metric => present.has(metric));
    const title = group.id === 'disk' && kind === 'physical_disk' ? 'Time busy' : group.title;
    return metrics.length > 0 ? [{ ...group, title, metrics }] : [];
  });
}
