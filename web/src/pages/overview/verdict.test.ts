import { expect, it } from 'vitest';
import type { Overview } from '~/api/types';
import { verdict } from './verdict';

const well: Overview = {
  revision: 1,
  updatedAt: '2026-11-21T09:00:00Z',
  total: 12,
  byStatus: { online: 12 },
  kinds: [],
  systems: { online: 3 },
  worst: [],
  worstTotal: 0,
  blindness: {
    sources: 2,
    silent: [],
    silentTotal: 0,
    degraded: [],
    degradedTotal: 0,
    unseenResources: 0,
    undecidedIdentities: 0,
    unknownReadings: [],
    knownReadings: 100,
  },
  fullest: [],
};

it('says that all is well only as far as can be seen', () => {
  expect(verdict(well)).toMatchObject({ status: 'online', title: 'All well, as far as can be seen: 12 resources' });
  const silent = { ...well, blindness: { ...well.blindness, silentTotal: 1 } };
  expect(verdict(silent).status).toBe('unknown');
  expect(verdict(silent).more).toBe('1 thing cannot be seen.');
  expect(verdict(well, 1)).toMatchObject({ status: 'unknown', more: '1 thing cannot be seen.' });
});

it('is as bad as the worst', () => {
  const bad = (byStatus: Overview['byStatus']) => verdict({ ...well, byStatus, worstTotal: 2 });
  expect(bad({ online: 10, warning: 1, offline: 1 })).toMatchObject({
    status: 'offline',
    title: '2 things are not well, of 12 resources',
  });
  expect(bad({ warning: 1, unknown: 1 }).status).toBe('warning');
  expect(bad({ unknown: 2 }).status).toBe('unknown');
});
