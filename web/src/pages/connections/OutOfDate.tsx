// Says above a page that what it shows could not be read again, and of when it is.
import type { UseQueryResult } from '@tanstack/react-query';
import { Notice } from '~/components/Notice';
import { formatTime } from '~/format/time';

type Props = {
  queries: readonly Pick<UseQueryResult, 'data' | 'isError' | 'dataUpdatedAt'>[];
  everySeconds: number;
};

/** Nothing while all of it is current. What never came at all has a notice of its own. */
export function OutOfDate({ queries, everySeconds }: Props) {
  const old = queries.filter(({ data, isError }) => data !== undefined && isError);
  if (old.length === 0) return null;
  const from = Math.min(...old.map(({ dataUpdatedAt }) => dataUpdatedAt));
  return (
    <Notice kind="stale" compact title="This page is out of date">
      The server did not answer; it is from {formatTime(from)}. It is asked again every {everySeconds} s.
    </Notice>
  );
}
