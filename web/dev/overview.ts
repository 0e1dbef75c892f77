// The overview, search and summaries of the made-up estate. Never part of a build.
import type {
  MetricsSummary,
  Metric,
  Overview,
  Resource,
  SearchHit,
  Status,
  StorageSummary,
  TroubleCause,
} from '../src/api/types.ts';
import { metricsOf, sourcesNow, START, valueAt } from './estate.ts';

const HOUR = 3_600_000;
const GIB = 2 ** 30;

function counts(statuses: readonly Status[]): Partial<Record<Status, number>> {
  const found: Partial<Record<Status, number>> = {};
  for (const status of statuses) found[status] = (found[status] ?? 0) + 1;
  return found;
}

export function overviewNow(resources: readonly Resource[], revision: number): Overview {
  const troubled = resources.filter(({ status }) => status !== 'online');
  const named = troubled.filter(({ parentId }) => !troubled.some(({ id }) => id === parentId));
  const cause = ({ sources }: Resource): TroubleCause =>
    sources.some(({ status }) => status === 'online') ? 'reported' : 'sources_silent';
  const kinds = Map.groupBy(resources, ({ kind }) => kind);
  const sources = sourcesNow();
  const silent = sources.filter(({ status }) => status !== 'online');
  return {
    revision,
    updatedAt: new Date().toISOString(),
    total: resources.length,
    byStatus: counts(resources.map(({ status }) => status)),
    kinds: [...kinds].map(([kind, of]) => ({
      kind,
      total: of.length,
      byStatus: counts(of.map(({ status }) => status)),
    })),
    systems: {},
    worst: named.slice(0, 20).map(resource => ({
      id: resource.id,
      name: resource.canonicalIdentity.displayName,
      kind: resource.kind,
      status: resource.status,
      cause: cause(resource),
      parentName: resource.parentName ?? null,
      lastSeen: new Date(START - 400_000).toISOString(),
      silentParts: troubled.filter(({ parentId }) => parentId === resource.id).length,
    })),
    worstTotal: troubled.length,
    blindness: {
      sources: sources.length,
      silent: silent.map(({ id, status, poll, observed }) => ({
        id,
        status,
        lastSeen: poll.lastSuccessAt ?? null,
        intervalSeconds: poll.intervalSeconds,
        resources: observed.resourceCount,
      })),
      silentTotal: silent.length,
      degraded: sources
        .filter(({ observed }) => observed.degraded)
        .map(({ id, poll, observed }) => ({
          id,
          lastSeen: poll.lastSuccessAt ?? null,
          issueCount: observed.issueCount,
          issues: observed.issues,
        })),
      degradedTotal: 1,
      unseenResources: troubled.length,
      undecidedIdentities: 1,
      unknownReadings: [
        {
          metric: 'smart_temp',
          reason: 'permission_denied',
          count: 14,
          example: resources[0]?.id ?? '',
          exampleName: 'sda',
        },
      ],
      knownReadings: 812,
    },
    fullest: resources
      .filter(({ kind }) => kind === 'storage')
      .map(resource => ({
        id: resource.id,
        name: resource.canonicalIdentity.displayName,
        parentName: resource.parentName ?? null,
        usage: valueAt(resource.id, 'usage', Date.now()) ?? 0,
        avail: valueAt(resource.id, 'avail', Date.now()),
        at: new Date(resource.status === 'online' ? Date.now() : START - 400_000).toISOString(),
      }))
      .toSorted((one, other) => other.usage - one.usage)
      .slice(0, 10),
  };
}

export function searchHits(query: URLSearchParams, resources: readonly Resource[]): SearchHit[] {
  const text = (query.get('q') ?? '').toLowerCase();
  return resources
    .filter(({ canonicalIdentity }) => canonicalIdentity.displayName.toLowerCase().includes(text))
    .slice(0, 20)
    .map(({ id, canonicalIdentity: { displayName }, kind, status, parentName }) => ({
      id,
      name: displayName,
      kind,
      status,
      parentName: parentName ?? null,
      field: 'name',
      value: displayName,
    }));
}

export function summary(query: URLSearchParams, resources: readonly Resource[], now = Date.now()): MetricsSummary {
  const metric = (query.get('metric') ?? 'cpu') as Metric;
  const kinds = (query.get('kind') ?? '').split(',');
  const measured = resources.filter(own => kinds.includes(own.kind) && metricsOf(own).includes(metric));
  const top = measured
    .map(({ id, canonicalIdentity, kind }) => {
      const avg = valueAt(id, metric, now) ?? 0;
      return { resourceId: id, name: canonicalIdentity.displayName, kind, avg, max: avg * 1.2, last: avg };
    })
    .toSorted((one, other) => other.avg - one.avg)
    .slice(0, Number(query.get('top') ?? 10));
  const unit = metric === 'cpu' || metric === 'memory' ? 'percent' : 'bytes_per_second';
  const nothing = { times: [], count: [], sum: [], avg: [], min: [], max: [], p50: [], p95: [], distribution: [] };
  return {
    ...nothing,
    metric,
    unit,
    rangeSeconds: 3600,
    stepSeconds: 60,
    tier: 'raw',
    source: 'memory',
    archiveError: null,
    resources: measured.length,
    timestamp: now,
    top,
  };
}

/** A week in which storage filled steadily. */
export function storageSummary(now = Date.now()): StorageSummary {
  const times = Array.from({ length: 84 }, (_, index) => now - (83 - index) * 2 * HOUR);
  const used = times.map((_, index) => (600 + index * 1.5) * GIB);
  const avail = used.map(bytes => 1000 * GIB - bytes);
  return {
    times,
    used,
    avail,
    capacity: used.map(bytes => bytes / (10 * GIB)),
    counted: times.map(() => 12),
    missing: times.map(() => 0),
    timestamp: now,
    stats: {
      rangeSeconds: 7 * 86_400,
      stepSeconds: 7200,
      tier: 'raw',
      source: 'memory',
      archiveError: null,
      resources: 12,
      series: 24,
      oldestDataTimestamp: times[0] ?? null,
    },
  };
}
