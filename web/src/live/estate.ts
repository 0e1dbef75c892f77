// What the browser knows of the estate, and how each frame changes it. Pure: frame in, estate out (D-25).
import type { Metric, MetricReading, Resource, ResourceId, ServerFrame, UnknownReason } from '~/api/types';
import { Readings } from './readings';

/** A current value with its time in epoch milliseconds, or why there is none; `null` where nobody has said why. */
export type LiveReading =
  { state: 'known'; value: number; at: number } | { state: 'unknown'; reason: UnknownReason | null };

/** What changes with every sweep about one resource. */
export type RowReadings = {
  /** When any source last saw it, in epoch milliseconds. */
  lastSeen: number | null;
  metrics: Partial<Record<Metric, LiveReading>>;
};

/** The facts at one revision, with the newest readings beside them. */
export type Estate = {
  revision: number;
  resources: ReadonlyMap<ResourceId, Resource>;
  readings: Readings;
};

export type Applied = { outcome: 'applied'; estate: Estate } | { outcome: 'gap' };

type Frame<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>;

export const EMPTY_ROW: RowReadings = { lastSeen: null, metrics: {} };

/** Applies a frame. A delta that does not continue from the estate's revision is a gap: the state must be read anew. */
export function applyFrame(estate: Estate | null, frame: ServerFrame): Applied {
  switch (frame.type) {
    case 'state':
      return { outcome: 'applied', estate: fromState(estate, frame.state.revision, frame.state.resources) };
    case 'delta':
      return estate === null ? { outcome: 'gap' } : applyDelta(estate, frame);
    case 'readings':
      return estate === null ? { outcome: 'gap' } : { outcome: 'applied', estate: applyReadings(estate, frame) };
  }
}

/** The whole picture at a revision. Readings that are known already stay where the new picture carries none. */
export function fromState(before: Estate | null, revision: number, resources: readonly Resource[]): Estate {
  const readings = new Map<ResourceId, RowReadings>();
  for (const resource of resources) {
    const row = carriedReadings(resource) ?? before?.readings.get(resource.id);
    if (row) readings.set(resource.id, row);
  }
  return {
    revision,
    resources: new Map(resources.map(resource => [resource.id, resource])),
    readings: Readings.of(readings),
  };
}

function applyDelta(estate: Estate, delta: Frame<'delta'>): Applied {
  if (delta.to <= estate.revision) return { outcome: 'applied', estate };
  if (delta.from !== estate.revision) return { outcome: 'gap' };
  const resources = new Map(estate.resources);
  const readings = new Map<ResourceId, RowReadings>();
  for (const resource of delta.upserts) {
    resources.set(resource.id, resource);
    const row = carriedReadings(resource);
    if (row) readings.set(resource.id, row);
  }
  for (const id of delta.removes) resources.delete(id);
  const known = estate.readings.with(readings).without(delta.removes);
  return { outcome: 'applied', estate: { revision: delta.to, resources, readings: known } };
}

function applyReadings(estate: Estate, frame: Frame<'readings'>): Estate {
  const readings = new Map<ResourceId, RowReadings>();
  const columns = Object.entries(frame.columns) as [Metric, (number | null)[]][];
  frame.resources.forEach((id, row) => {
    if (!estate.resources.has(id)) return;
    const before = estate.readings.get(id) ?? EMPTY_ROW;
    const metrics = { ...before.metrics };
    for (const [metric, values] of columns) {
      const next = nextReading(metrics[metric], values[row] ?? null, frame.at);
      if (next) metrics[metric] = next;
    }
    readings.set(id, { lastSeen: latest(before.lastSeen, frame.lastSeen[row] ?? null), metrics });
  });
  return { ...estate, readings: estate.readings.with(readings) };
}

/** A column holds every metric of any row, so that `null` where nothing was ever known is no news. */
function nextReading(before: LiveReading | undefined, value: number | null, at: number): LiveReading | undefined {
  if (value !== null) return { state: 'known', value, at };
  return before?.state === 'known' ? { state: 'unknown', reason: null } : before;
}

function latest(one: number | null, two: number | null): number | null {
  if (one === null || two === null) return one ?? two;
  return Math.max(one, two);
}

function carriedReadings(resource: Resource): RowReadings | undefined {
  if (!resource.metrics) return undefined;
  const entries = Object.entries(resource.metrics).map(([metric, reading]) => [metric, toLive(reading)]);
  return {
    lastSeen: resource.lastSeen ? Date.parse(resource.lastSeen) : null,
    metrics: Object.fromEntries(entries) as RowReadings['metrics'], // Keys are the metrics of the generated type.
  };
}

/** A reading of the API as a live one. */
export function toLive(reading: MetricReading): LiveReading {
  switch (reading.state) {
    case 'known':
      return { state: 'known', value: reading.value, at: Date.parse(reading.at) };
    case 'unknown':
      return { state: 'unknown', reason: reading.reason };
  }
}
