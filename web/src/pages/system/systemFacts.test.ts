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
