// The columns that show one fact out of a facet: what each reads. Pure.
import type { Resource, RiskLevel, Status } from '~/api/types';
import { facetOf } from '~/pages/resource/facets';
import { RISK } from '~/strings/condition';
import { POOL_STATE, SMART } from '~/strings/platform';
import { formatBytes, formatCount } from '~/format/units';

export const FACT_COLUMNS = [
  'cluster',
  'node',
  'number',
  'version',
  'pool',
  'ha',
  'lock',
  'type',
  'shared',
  'nodes',
  'content',
  'model',
  'size',
  'smart',
  'risk',
  'life',
  'poolState',
] as const;

export type FactColumn = (typeof FACT_COLUMNS)[number];

const SEVERITY_OF_RISK: Record<RiskLevel, number> = { monitor: 1, warning: 2, critical: 3 };

/** What is shown. */
export type Fact = {
  text: string;
  /** The number that is written there, in its base unit. */
  number?: number;
  /** By what the column sorts, where words have an order of their own. */
  rank?: number;
  /** Where it is a judgement. */
  status?: Status;
};

/** Undefined where there is no such thing; `null` where there is, and no source told it (D-9). */
type Read = (resource: Resource) => Fact | null | undefined;

const text = (value: string | null | undefined): Fact | undefined => (value ? { text: value } : undefined);
const orUntold = (value: string | null): Fact | null => (value === null ? null : { text: value });
const list = (values: readonly string[] | undefined) => text(values?.join(', '));
const guest = (resource: Resource) => facetOf(resource, 'guest');
const node = (resource: Resource) => facetOf(resource, 'node');
const storage = (resource: Resource) => facetOf(resource, 'storage');
const disk = (resource: Resource) => facetOf(resource, 'physicalDisk');

function sized(bytes: number | null | undefined): Fact | null | undefined {
  return typeof bytes === 'number' ? { text: formatBytes(bytes), number: bytes } : bytes;
}

function typeOf(resource: Resource): string | null | undefined {
  return (
    storage(resource)?.storageType ??
    (facetOf(resource, 'zfsPool') && 'zfs') ??
    facetOf(resource, 'filesystem')?.fsType ??
    facetOf(resource, 'storagePool')?.technology ??
    disk(resource)?.transport
  );
}

function sizeOf(resource: Resource): number | null | undefined {
  const facet = storage(resource) ?? facetOf(resource, 'filesystem') ?? facetOf(resource, 'storagePool');
  if (facet) return facet.totalBytes;
  const pool = facetOf(resource, 'zfsPool');
  return pool ? pool.sizeBytes : disk(resource)?.sizeBytes;
}

function sharing(resource: Resource): string | undefined {
  const facet = storage(resource);
  return facet && (facet.shared ? 'shared' : 'local');
}

function poolState(resource: Resource): string | undefined {
  const own = facetOf(resource, 'storagePool') ?? facetOf(resource, 'zfsPool');
  const state = storage(resource)?.poolState ?? own?.state;
  return state ? POOL_STATE[state] : undefined;
}

function smart(resource: Resource): Fact | null | undefined {
  const facet = disk(resource);
  return facet && orUntold(SMART[facet.smart]);
}

/** Without a verdict the absence of reasons proves nothing. */
function risk(resource: Resource): Fact | null | undefined {
  const facet = disk(resource);
  if (!facet) return undefined;
  if (facet.risk) return { ...RISK[facet.risk.level], rank: SEVERITY_OF_RISK[facet.risk.level] };
  return facet.smart === 'unknown' ? null : { text: 'none', rank: 0 };
}

/** A disk that spins does not wear out by being written. */
function lifeLeft(resource: Resource): Fact | null | undefined {
  const facet = disk(resource);
  if (!facet || facet.rotational) return undefined;
  const left = facet.condition.lifeLeftPercent;
  return left === null ? null : { text: `${formatCount(left)} %`, number: left };
}

/** The number of a guest is told by number, where it is one. */
function numbered(resource: Resource): Fact | undefined {
  const id = guest(resource)?.nativeId;
  return id === undefined ? undefined : { text: id, ...(/^\d+$/.test(id) && { number: Number(id) }) };
}

const READ: Record<FactColumn, Read> = {
  cluster: resource => text(node(resource)?.cluster ?? resource.identity.clusterName),
  // Where there is no node, what it is part of is what it runs on.
  node: resource => text(guest(resource)?.node ?? resource.parentName),
  number: numbered,
  version: resource => text(node(resource)?.version),
  pool: resource => text(guest(resource)?.pool ?? storage(resource)?.pool),
  ha: resource => text(guest(resource)?.haState),
  lock: resource => text(guest(resource)?.lock),
  type: resource => text(typeOf(resource)),
  shared: resource => text(sharing(resource)),
  nodes: resource => list(storage(resource)?.nodes),
  content: resource => list(storage(resource)?.content),
  model: resource => text(disk(resource)?.model),
  size: resource => sized(sizeOf(resource)),
  smart,
  risk,
  life: lifeLeft,
  poolState: resource => text(poolState(resource)),
};

const SET: ReadonlySet<string> = new Set(FACT_COLUMNS);

export function isFactColumn(id: string): id is FactColumn {
  return SET.has(id);
}

export function readFact(resource: Resource, column: FactColumn): Fact | null | undefined {
  return READ[column](resource);
}
