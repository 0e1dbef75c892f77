// What a query has brought, or its designed states of waiting and failing.
import { Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemNotice } from '~/components/ProblemNotice';

type Props<Data> = { query: UseQueryResult<Data>; waiting: string; children: (data: Data) => ReactNode };

export function Loaded<Data>({ query, waiting, children }: Props<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />;
  return <Skeleton height={120} role="status" aria-label={waiting} />;
}
