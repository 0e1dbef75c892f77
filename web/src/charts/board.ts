// The charts of many resources from one answer. Pure. The answer has averages only: there is no band, and no extremes are
// claimed.
import type { Metric, ResourceId, Sparklines } from '~/api/types';
import { metricUnit } from '~/format/metrics';
import type { ChartHistory } from './shape';

const MS = 1000;

/** By resource. All share the time column of the answer; a resource that it does not name has nothing recorded. */
export function boardHistories(
  { times, stepSeconds, series }: Sparklines,
  resources: readonly ResourceId[],
  metrics: readonly Metric[],
): ReadonlyMap<ResourceId, ChartHistory> {
  const blank = times.map(() => null);
  const found = new Map(series.map(line => [`${line.resourceId} ${line.metric}`, line]));
  const end = (times.at(-1) ?? 0) + stepSeconds * MS;
  const shared = {
    from: new Date(times[0] ?? 0).toISOString(),
    to: new Date(end).toISOString(),
    stepSeconds,
    times,
    knownGaps: [],
  };
  const of = (id: ResourceId): ChartHistory => ({
    ...shared,
    series: metrics.map(metric => {
      const line = found.get(`${id} ${metric}`);
      const [avg, gaps] = [line?.values ?? blank, line?.gaps ?? []];
      return { metric, unit: metricUnit(metric), avg, min: blank, max: blank, gaps };
    }),
  });
  return new Map(resources.map(id => [id, of(id)]));
}
