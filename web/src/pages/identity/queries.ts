// What is not certain about who is who, and what people have ruled.
import { infiniteQueryOptions } from '@tanstack/react-query';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';

const PAGE = 50;
/** Both lists. */
export const LOOK_EVERY_MS = 30_000;

type Token = { pageParam: string; signal: AbortSignal };

const pageOf = (pageToken: string) => ({ query: { limit: PAGE, ...(pageToken && { pageToken }) } });

export const conflictsQuery = infiniteQueryOptions({
  queryKey: ['identity', 'conflicts'],
  queryFn: ({ pageParam, signal }: Token) =>
    unwrap('what is not certain', api.GET('/api/conflicts', { params: pageOf(pageParam), signal })),
  initialPageParam: '',
  getNextPageParam: page => page.nextPageToken ?? undefined,
  refetchInterval: LOOK_EVERY_MS,
});

export const rulingsQuery = infiniteQueryOptions({
  queryKey: ['identity', 'rulings'],
  queryFn: ({ pageParam, signal }: Token) =>
    unwrap('what people have ruled', api.GET('/api/rulings', { params: pageOf(pageParam), signal })),
  initialPageParam: '',
  getNextPageParam: page => page.nextPageToken ?? undefined,
  refetchInterval: LOOK_EVERY_MS,
});
