import { expect, it } from 'vitest';
import type { RemoteHealth } from '~/api/types';
import { systemNow } from '../../../dev/estate';
import { systemFacts, troubles } from './systemFacts';

const remote: RemoteHealth = {
  state: 'idle',
  detail: null,
  confirmedAt: null,
  shipped: 1200,
  refused: 0,
  notKept: 0,
  notANumber: 0,
};

function system(remote: RemoteHealth | null) {
  const system = systemNow(0);
  return { ...system, history: { ...system.history, remote } };
}

const shown = (remote: RemoteHealth | null) =>
  systemFacts(system(remote))
    .flatMap(({ facts }) => facts)
    .find(({ term }) => term === 'Remote store')?.value;

it('says how shipping to a remote store goes, where there is one', () => {
  expect(shown(null)).toBeUndefined();
  expect(shown(remote)).toMatch(/^has everything so far; 1.200 samples confirmed since the start$/);
});

it('says what is wrong with a remote store, and what is not there', () => {
  expect(troubles(system(remote))).toEqual([]);
  const stopped = { ...remote, state: 'stopped', detail: 'bad token', refused: 3 } as const;
  const found = troubles(system(stopped));
  expect(found.map(({ title }) => title)).toEqual([
    'The remote store does not take samples',
    'A part of the metrics history is not in the remote store',
  ]);
  expect(found[0]?.detail).toMatch(/^bad token\./);
});

it('tells samples that come back from samples that are lost', () => {
  const { history, ...rest } = system(null);
  const found = troubles({ ...rest, history: { ...history, shedSamples: 20, lostSamples: 3 } });
  expect(found.map(({ title }) => title)).toEqual([
    'A part of the metrics history is not shown',
    'A part of the metrics history is lost',
  ]);
});

it('says what of the history is damaged, in one place', () => {
  const { history, ...rest } = system(null);
  const found = troubles({ ...rest, history: { ...history, damagedBlocks: 2, damagedLogs: 1 } });
  expect(found).toEqual([
    {
      title: 'A part of the metrics history is damaged',
      detail:
        '2 blocks stay as they are until they are too old; 1 damaged file of the sweep log is kept. muster history verify names them.',
    },
  ]);
});

it('speaks of one thing as of one', () => {
  const { history, engine, store, ...rest } = system({ ...remote, refused: 1, shipped: 1 });
  const one = {
    ...rest,
    store: { ...store, lastError: 'disk full' },
    engine: { ...engine, rejected: 1, skewedReports: 1, uncommittedEntries: 1, lostChanges: 1 },
    history: {
      ...history,
      lastError: 'disk full',
      pendingSweeps: 1,
      shedSamples: 1,
      lostSamples: 1,
      damagedChunks: 1,
      damagedBlocks: 1,
      damagedLogs: 1,
      lostResources: 1,
    },
  };
  const facts = systemFacts(one).flatMap(({ facts }) => facts);
  const said = [...troubles(one).map(({ detail }) => detail), ...facts.map(({ value }) => value)].join('\n');
  expect(said).toContain('1 block stays as it is until it is too old');
  expect(said).not.toMatch(/\b1 (\w+ )?(reports|samples|records|entries|sweeps|rows|parts|blocks|files|resources)\b/);
});
