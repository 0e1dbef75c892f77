// Every read of the application, as query options that loaders and components share.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, rememberCsrfToken } from './client';
import { unwrap } from './problem';
import type { ChangeKind, HistoryTier, Metric, ResourceId, ResourceKind } from './types';

const SECOND = 1000;
const TIMELINE_PAGE = 50;
const MOST_EVENTS = 500;

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

/** The estate at a glance; every page asks, for what it must say of silent sources. */
export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => unwrap('the overview', api.GET('/api/overview', { signal })),
  staleTime: 5 * SECOND,
  refetchInterval: 10 * SECOND,
});

export const MOST_HITS = 30;

export const searchQuery = (text: string) =>
  queryOptions({
    queryKey: ['search', text],
    queryFn: ({ signal }) => {
      const query = { q: text, limit: MOST_HITS };
      return unwrap('the search', api.GET('/api/search', { params: { query }, signal }));
    },
    enabled: text.trim() !== '',
    staleTime: 5 * SECOND,
  });

/** One metric of many resources: who uses most of it. */
export const summaryQuery = (metric: Metric, kinds: readonly ResourceKind[], top: number) =>
  queryOptions({
    queryKey: ['summary', metric, kinds, top],
    queryFn: ({ signal }) => {
      const query = { metric, kind: kinds.join(','), range: '1h', top, points: 60 };
      return unwrap(`the summary of ${metric}`, api.GET('/api/metrics/summary', { params: { query }, signal }));
    },
    staleTime: 30 * SECOND,
    refetchInterval: 60 * SECOND,
  });

/** How full all storage was over a span that ends now. */
export const storageSummaryQuery = (range: string) =>
  queryOptions({
    queryKey: ['storage summary', range],
    queryFn: ({ signal }) =>
      unwrap(
        'the summary of storage',
        api.GET('/api/charts/storage-summary', { params: { query: { range } }, signal }),
      ),
    staleTime: 60 * SECOND,
    refetchInterval: 5 * 60 * SECOND,
  });

export const viewsQuery = queryOptions({
  queryKey: ['views'],
  queryFn: async ({ signal }) => {
    const page = await unwrap('the saved views', api.GET('/api/views', { signal }));
    return page.items;
  },
  staleTime: 60 * SECOND,
});

export const viewQuery = (id: string) =>
  queryOptions({
    queryKey: ['view', id],
    queryFn: ({ signal }) => unwrap('the saved view', api.GET('/api/views/{id}', { params: { path: { id } }, signal })),
  });

export const resourceQuery = (id: ResourceId) =>
  queryOptions({
    queryKey: ['resource', id],
    queryFn: ({ signal }) =>
      unwrap(`resource ${id}`, api.GET('/api/resources/{id}', { params: { path: { id } }, signal })),
    staleTime: 5 * SECOND,
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

/** The averages of many resources over a span that ends now. */
export const boardQuery = (
  resources: readonly ResourceId[],
  metrics: readonly Metric[],
  range: string,
  points: number,
) =>
  queryOptions({
    queryKey: ['board', metrics, range, points, resources],
    queryFn: ({ signal }) => {
      const query = { resources: resources.join(','), metrics: metrics.join(','), range, points };
      return unwrap('the charts', api.GET('/api/metrics/sparklines', { params: { query }, signal }));
    },
    enabled: resources.length > 0,
    staleTime: 5 * SECOND,
    structuralSharing: false,
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

/** What happened last in the whole estate, newest first. */
export const latestChangesQuery = (limit: number) =>
  queryOptions({
    queryKey: ['latest changes', limit],
    queryFn: async ({ signal }) => {
      const params = { query: { limit } };
      const page = await unwrap('what happened last', api.GET('/api/resources/timeline', { params, signal }));
      return page.items;
    },
    staleTime: 5 * SECOND,
    refetchInterval: 10 * SECOND,
  });

/** What happened to a resource since a time, newest first, as far as one answer goes. */
export const eventsQuery = (resource: ResourceId, since: string) =>
  queryOptions({
    queryKey: ['events', resource, since],
    queryFn: async ({ signal }) => {
      const params = { path: { id: resource }, query: { since, limit: MOST_EVENTS } };
      const page = await unwrap(
        `what happened to ${resource}`,
        api.GET('/api/resources/{id}/timeline', { params, signal }),
      );
      return page.items;
    },
    staleTime: 10 * SECOND,
    placeholderData: previous => previous,
  });

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => unwrap("the server's own health", api.GET('/api/system', { signal })),
  refetchInterval: 10 * SECOND,
});

/** What another retention would come to; nothing is asked where nothing would change. */
export const retentionProposalQuery = (retention: Partial<Record<HistoryTier, string>>) =>
  queryOptions({
    queryKey: ['retention', retention],
    queryFn: async ({ signal }) => {
      const params = { query: retention };
      const stats = await unwrap('what another retention costs', api.GET('/api/history/stats', { params, signal }));
      return stats.proposal ?? null;
    },
    enabled: Object.keys(retention).length > 0,
  });

/** Asked for by hand: it looks at disks and databases. */
export const doctorQuery = queryOptions({
  queryKey: ['doctor'],
  queryFn: ({ signal }) => unwrap('what it finds when it examines itself', api.GET('/api/system/doctor', { signal })),
  enabled: false,
  retry: false,
});

/** The connections and how polling of each goes; every page asks, for what their sources are called. */
export const connectionsQuery = queryOptions({
  queryKey: ['connections'],
  queryFn: async ({ signal }) => {
    const page = await unwrap('the list of connections', api.GET('/api/connections', { signal }));
    return page.items;
  },
  staleTime: 5 * SECOND,
});

export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: async ({ signal }) => {
    const page = await unwrap('the list of sources', api.GET('/api/sources', { signal }));
    return page.items;
  },
  refetchInterval: 10 * SECOND,
});
