import { expect, it } from 'vitest';
import { aDisk } from '~/test/facets';
import { aResource } from '~/test/resources';
import { exportRows } from './csv';

it('writes what is shown in base units, with the reason where nothing is known', () => {
  const resource = aResource({ id: 'agent-1', name: '=evil' });
  const row = { type: 'resource' as const, id: resource.id, resource, children: [] };
  const readings = new Map([
    [
      resource.id,
      {
        lastSeen: Date.parse('2026-11-21T09:00:00Z'),
        metrics: {
          cpu: { state: 'known' as const, value: 12.5, at: 0 },
          memory: { state: 'unknown' as const, reason: 'no_baseline' as const },
        },
      },
    ],
  ]);
  expect(exportRows([row], ['name', 'cpu', 'memory', 'spark', 'seen'], readings)).toBe(
    "Name,CPU %,Memory %,Seen\r\n'=evil,12.5,unknown: no_baseline,2026-11-21T09:00:00.000Z\r\n",
  );
});

it('writes the words of what has no unit, and the number of what has one', () => {
  const worn = { ...aDisk({}).condition, lifeLeftPercent: 7 };
  const facet = aDisk({ risk: { level: 'critical', reasons: [] }, condition: worn, sizeBytes: 1024 });
  const resource = aResource({ id: 'physical_disk-1', name: 'sda', facets: [{ ...facet, source: 'proxmox:lab' }] });
  const row = { type: 'resource' as const, id: resource.id, resource, children: [] };
  expect(exportRows([row], ['name', 'size', 'risk', 'life'], new Map())).toBe(
    'Name,Size bytes,Risk,Life left %\r\nsda,1024,Replace it now,7\r\n',
  );
});
