// Every read of the application, as query options that loaders and components share.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, rememberCsrfToken } from './client';
import { unwrap } from './problem';
import type { ChangeKind, Metric, ResourceId } from './types';

const SECOND = 1000;
const TIMELINE_PAGE = 50;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    const session = await unwrap('who is signed in', api.GET('/api/session', { signal }));
    rememberCsrfToken(session.csrfToken ?? null);
    return session;
  },
  staleTime: 60 * SECOND,
});

export const systemsQuery = queryOptions({
  queryKey: ['systems'],
  queryFn: async ({ signal }) => {
    const query = { parts: 'infrastructure' };
    const state = await unwrap('the list of systems', api.GET('/api/state', { params: { query }, signal }));
    return state.connectedInfrastructure;
  },
  staleTime: 10 * SECOND,
});

export const resourceQuery = (id: ResourceId) =>
  queryOptions({
    queryKey: ['resource', id],
    queryFn: ({ signal }) =>
      unwrap(`resource ${id}`, api.GET('/api/resources/{id}', { params: { path: { id } }, signal })),
    staleTime: 5 * SECOND,
  });

/** A span that ends now (`range`), or a fixed one. */
export type Span = { range: string } | { from: string; to: string };

export const historyQuery = (resource: ResourceId, metrics: readonly Metric[], span: Span, points: number) =>
  queryOptions({
    queryKey: ['history', resource, metrics, span, points],
    queryFn: ({ signal }) => {
      const query = { resource, metrics: metrics.join(','), points, ...span };
      return unwrap(`the history of ${resource}`, api.GET('/api/metrics/history', { params: { query }, signal }));
    },
    staleTime: 5 * SECOND,
    placeholderData: previous => previous,
  });

export const sparklinesQuery = (resources: readonly ResourceId[], metrics: readonly Metric[]) =>
  queryOptions({
    queryKey: ['sparklines', metrics, resources],
    queryFn: ({ signal }) => {
      const query = { resources: resources.join(','), metrics: metrics.join(','), range: '1h', points: 48 };
      return unwrap('the sparklines', api.GET('/api/metrics/sparklines', { params: { query }, signal }));
    },
    enabled: resources.length > 0,
    staleTime: 30 * SECOND,
    refetchInterval: 60 * SECOND,
    placeholderData: previous => previous,
  });

export const timelineQuery = (resource: ResourceId | null, kinds: readonly ChangeKind[]) =>
  infiniteQueryOptions({
    queryKey: ['timeline', resource, kinds],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: TIMELINE_PAGE,
        ...(kinds.length > 0 && { kind: kinds.join(',') }),
        ...(pageParam && { pageToken: pageParam }),
      };
      return resource === null
        ? unwrap('the timeline', api.GET('/api/resources/timeline', { params: { query }, signal }))
        : unwrap(
            `the timeline of ${resource}`,
            api.GET('/api/resources/{id}/timeline', { params: { path: { id: resource }, query }, signal }),
          );
    },
    initialPageParam: '',
    getNextPageParam: page => page.nextPageToken ?? undefined,
    staleTime: 5 * SECOND,
  });

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => unwrap("the server's own health", api.GET('/api/system', { signal })),
  refetchInterval: 10 * SECOND,
});

export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: async ({ signal }) => {
    const page = await unwrap('the list of sources', api.GET('/api/sources', { signal }));
    return page.items;
  },
  refetchInterval: 10 * SECOND,
});
