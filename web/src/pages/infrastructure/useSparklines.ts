// The last hour of the rows in view, in one request.
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { sparklinesQuery } from '~/api/queries';
import type { Resource, ResourceId } from '~/api/types';
import { bridged } from '~/charts/bridges';
import type { Spark } from '~/components/sparkPath';
import { MILLISECONDS } from '~/format/time';
import { sparkMetric } from './diskShare';

/** What to draw for a resource. */
export type SparkOf = (id: ResourceId) => Spark;

const NOTHING: Spark = { values: [] };
const SETTLE_MS = 200;
/** The server answers for no more at once. */
const MOST = 200;

export function useSparklines(visible: readonly Resource[]): SparkOf {
  const wanted = visible.slice(0, MOST);
  const [ids] = useDebouncedValue(
    wanted
      .map(({ id }) => id)
      .toSorted()
      .join(','),
    SETTLE_MS,
  );
  const [metrics] = useDebouncedValue(
    [...new Set(wanted.map(({ kind }) => sparkMetric(kind)))].toSorted().join(','),
    SETTLE_MS,
  );
  const { data, isError, isPlaceholderData } = useQuery(sparklinesQuery(split(ids), split(metrics)));
  const found = useMemo(() => {
    // Of each resource only its own telling metric is drawn.
    const telling = data?.series.filter(({ resourceId, metric }) => metric === sparkMetric(kindOf(resourceId)));
    const step = (data?.stepSeconds ?? 0) * MILLISECONDS.SECOND;
    return new Map(
      telling?.map(({ resourceId, values, gaps }) => [
        resourceId,
        { values: bridged(data?.times ?? [], step, values, gaps) },
      ]),
    );
  }, [data]);
  const asked = useMemo(() => new Set(ids.split(',')), [ids]);
  const otherwise = data && !isPlaceholderData ? NOTHING : isError ? 'failed' : 'loading';
  return useCallback(id => found.get(id) ?? (asked.has(id) ? otherwise : 'loading'), [found, asked, otherwise]);
}

function split<Word extends string>(text: string): Word[] {
  return text.split(',').filter(Boolean) as Word[]; // Joined from these very words above.
}

/** An id is its kind, a dash, and 16 digits. */
function kindOf(id: ResourceId): Resource['kind'] {
  return id.slice(0, id.lastIndexOf('-')) as Resource['kind'];
}
