// The last hour of the rows in view, in one request.
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { sparklinesQuery } from '~/api/queries';
import type { Resource, ResourceId } from '~/api/types';
import type { Spark } from '~/components/sparkPath';
import { sparkMetric } from './diskShare';
import { sparksOf } from './sparks';

/** What to draw for a resource. */
export type SparkOf = (id: ResourceId) => Spark;

const NOTHING: Spark = { values: [], silent: true };
const SETTLE_MS = 200;
/** More than a screen has, and so few that the question, which names them all, stays below the 8 KiB that proxies take. */
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
  const found = useMemo(() => sparksOf(data), [data]);
  const asked = useMemo(() => new Set(ids.split(',')), [ids]);
  const otherwise = data && !isPlaceholderData ? NOTHING : isError ? 'failed' : 'loading';
  return useCallback(id => found.get(id) ?? (asked.has(id) ? otherwise : 'loading'), [found, asked, otherwise]);
}

function split<Word extends string>(text: string): Word[] {
  return text.split(',').filter(Boolean) as Word[]; // Joined from these very words above.
}
