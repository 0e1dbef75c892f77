// What the server says of itself, in groups and words for people; `null` where it does not know.
import type { RemoteHealth, ShippingState, System } from '~/api/types';
import { formatAge, formatDuration } from '~/format/time';
import { counted, formatBytes, formatCount } from '~/format/units';
import { tlsFacts, tlsTroubles } from './tlsFacts';

export type SystemFact = { term: string; value: string | null };
export type SystemGroup = { title: string; facts: SystemFact[] };
export type Trouble = { title: string; detail: string };

const bytes = (value: number | null | undefined) => (typeof value === 'number' ? formatBytes(value) : null);

const DATABASE: Partial<Record<string, string>> = { sqlite: 'SQLite', postgresql: 'PostgreSQL' };

/** All ages are by the server's own clock, at the time of its answer. */
function age(time: string | null | undefined, now: string): string | null {
  return time ? formatAge(Date.parse(time), Date.parse(now)) : null;
}

export function systemFacts(system: System): SystemGroup[] {
  const { engine, store, history, now } = system;
  const sweep = engine.lastSweepMilliseconds;
  return [
    {
      title: 'Server',
      facts: [
        { term: 'Version', value: system.version },
        { term: 'Running for', value: formatDuration(Date.parse(now) - Date.parse(system.startedAt)) },
        { term: 'Memory', value: bytes(system.memoryBytes) },
        { term: 'Listens on', value: system.listen },
        { term: 'Live clients', value: formatCount(system.liveClients) },
      ],
    },
    tlsFacts(system),
    {
      title: 'Engine',
      facts: [
        { term: 'Resources', value: formatCount(engine.resources) },
        { term: 'Revision', value: formatCount(engine.revision) },
        { term: 'Sweeps', value: formatCount(engine.sweeps) },
        { term: 'Last sweep', value: age(engine.lastSweepAt, now) ?? 'none yet' },
        { term: 'It took', value: typeof sweep === 'number' ? `${sweep.toFixed(1)} ms` : 'none yet' },
        { term: 'Reports', value: formatCount(engine.reports) },
        { term: 'Left out', value: counted(engine.rejected, 'record or sample', 'records and samples') },
        { term: 'Clocks ahead', value: counted(engine.skewedReports, 'report', 'reports') },
        { term: 'Reports waiting', value: formatCount(engine.queuedReports) },
      ],
    },
    {
      title: 'State database',
      facts: [
        { term: 'Kind', value: DATABASE[store.engine] ?? store.engine },
        { term: 'Size', value: bytes(store.sizeBytes) },
        { term: 'Entries waiting', value: formatCount(engine.uncommittedEntries) },
      ],
    },
    {
      title: 'Metrics history',
      facts: [
        { term: 'Series', value: formatCount(history.series) },
        { term: 'Samples', value: `${formatCount(history.samples)} since the start` },
        { term: 'Size', value: formatBytes(history.sizeBytes) },
        { term: 'In memory', value: formatBytes(history.memoryBytes) },
        { term: 'Per sample', value: perSample(history.bytesPerSample) },
        { term: 'Safe on disk', value: age(history.lastDurableAt, now) ?? 'nothing yet' },
        { term: 'Sweeps waiting', value: formatCount(history.pendingSweeps) },
        { term: 'Late samples', value: formatCount(history.lateSamples) },
        ...remoteFacts(history.remote, now),
      ],
    },
  ];
}

const SHIPPING: Record<ShippingState, string> = {
  idle: 'has everything so far',
  sending: 'takes samples',
  retrying: 'is waited for',
  stopped: 'needs your help',
};

function remoteFacts(remote: RemoteHealth | null | undefined, now: string): SystemFact[] {
  if (!remote) return [];
  const confirmed = age(remote.confirmedAt, now);
  const last = confirmed ? `, the last ${confirmed}` : '';
  const shipped = `${counted(remote.shipped, 'sample', 'samples')} confirmed since the start${last}`;
  return [{ term: 'Remote store', value: `${SHIPPING[remote.state]}; ${shipped}` }];
}

function remoteTroubles(remote: RemoteHealth | null | undefined): Trouble[] {
  if (!remote) return [];
  const found: Trouble[] = [];
  if (remote.detail) {
    const detail = `${remote.detail}. What is not there yet is kept here.`;
    found.push({ title: 'The remote store does not take samples', detail });
  }
  const missing = remote.refused + remote.notKept;
  if (missing > 0) {
    const detail = `It refused ${counted(remote.refused, 'sample', 'samples')} and did not keep ${formatCount(remote.notKept)}; check how late it takes samples, its retention and its deduplication.`;
    found.push({ title: 'A part of the metrics history is not in the remote store', detail });
  }
  return found;
}

function perSample(value: number | null | undefined): string {
  return typeof value === 'number' ? `${value.toFixed(2)} B` : 'too little stored to say';
}

/** Samples that memory had no room for. */
function missing({ shedSamples, lostSamples }: System['history']): Trouble[] {
  const found: Trouble[] = [];
  if (shedSamples > 0) {
    const detail = `Memory had no room for ${counted(shedSamples, 'sample', 'samples')} while nothing could be written for long. What of that is in the sweep log comes back when blocks can be written again.`;
    found.push({ title: 'A part of the metrics history is not shown', detail });
  }
  if (lostSamples > 0) {
    const detail = `Up to ${counted(lostSamples, 'sample was', 'samples were')} dropped, because nothing at all could be written for long.`;
    found.push({ title: 'A part of the metrics history is lost', detail });
  }
  return found;
}

/** What is stored and cannot be read. */
function damage({ damagedChunks, damagedBlocks, damagedLogs, lostResources }: System['history']): Trouble[] {
  const parts: string[] = [];
  const say = (count: number, one: string, many: string) => {
    if (count > 0) parts.push(counted(count, one, many));
  };
  say(damagedChunks, 'part of stored blocks shows as a gap', 'parts of stored blocks show as gaps');
  say(damagedBlocks, 'block stays as it is until it is too old', 'blocks stay as they are until they are too old');
  say(damagedLogs, 'damaged file of the sweep log is kept', 'damaged files of the sweep log are kept');
  if (lostResources > 0) parts.push(`what is stored of ${counted(lostResources, 'resource', 'resources')} is hidden`);
  if (parts.length === 0) return [];
  const detail = `${parts.join('; ')}. muster history verify names them.`;
  return [
    { title: 'A part of the metrics history is damaged', detail: detail.charAt(0).toUpperCase() + detail.slice(1) },
  ];
}

/** What cannot be written just now: as long as it lasts, a crash would lose it. */
export function writeTroubles({ store, history, engine }: System): Trouble[] {
  const found: Trouble[] = [];
  if (store.lastError) {
    const waiting = `${counted(engine.uncommittedEntries, 'entry waits', 'entries wait')} in memory.`;
    found.push({ title: 'The state database does not accept writes', detail: `${store.lastError}. ${waiting}` });
  }
  if (history.lastError) {
    const waiting = `${counted(history.pendingSweeps, 'sweep waits', 'sweeps wait')} in memory.`;
    found.push({ title: 'The metrics history cannot be written', detail: `${history.lastError}. ${waiting}` });
  }
  return found;
}

/** What is wrong, with what it means. */
export function troubles(system: System): Trouble[] {
  const { history, engine } = system;
  const found = writeTroubles(system);
  if (engine.lostChanges > 0) {
    const detail = `${counted(engine.lostChanges, 'row', 'rows')} of the timeline could not be stored for too long.`;
    found.push({ title: 'A part of the timeline is lost', detail });
  }
  return [...found, ...missing(history), ...damage(history), ...remoteTroubles(history.remote), ...tlsTroubles(system)];
}
