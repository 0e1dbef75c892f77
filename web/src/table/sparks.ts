// The sparklines of a table from one answer. Pure.
import type { Resource, ResourceId, Sparklines } from '~/api/types';
import { bridged, type Gaps } from '~/charts/bridges';
import type { Spark } from '~/components/sparkPath';
import { MILLISECONDS } from '~/format/time';
import { sparkMetric } from './diskShare';

/** Of each resource only its own telling metric; empty before there is an answer. */
export function sparksOf(answer: Sparklines | undefined): ReadonlyMap<ResourceId, Spark> {
  if (!answer) return new Map();
  const { times, series } = answer;
  const step = answer.stepSeconds * MILLISECONDS.SECOND;
  const telling = series.filter(({ resourceId, metric }) => metric === sparkMetric(kindOf(resourceId)));
  return new Map(
    telling.map(({ resourceId, values, gaps }) => [
      resourceId,
      { values: bridged(times, step, values, gaps), silent: endsInGap(times, gaps) },
    ]),
  );
}

/** A gap at the end goes on to the end of the span, which lies in the last point. */
function endsInGap(times: readonly number[], gaps: Gaps): boolean {
  const [end, lastTime] = [gaps.at(-1)?.[1], times.at(-1)];
  return end !== undefined && lastTime !== undefined && end >= lastTime;
}

/** An id is its kind, a dash, and 16 digits. */
function kindOf(id: ResourceId): Resource['kind'] {
  return id.slice(0, id.lastIndexOf('-')) as Resource['kind'];
}
