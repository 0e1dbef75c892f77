import { describe, expect, it } from 'vitest';
import type { LiveReading, RowReadings } from '~/live/estate';
import { parseSearch, stringifySearch } from '~/searchParams';
import { aResource } from '~/test/resources';
import { chooseCharts, choiceSelector, parseCharts } from './view';

const known = (value: number): LiveReading => ({ state: 'known', value, at: 0 });
const hosts = ['web10', 'web2', 'db1'].map(name => aResource({ id: `agent-${name}`, name }));
const disk = aResource({ id: 'physical_disk-1', kind: 'physical_disk', name: 'sda' });
const estate = (cpu: number) => ({
  resources: new Map([...hosts, disk].map(resource => [resource.id, resource])),
  readings: new Map<string, RowReadings>([
    ...hosts.map(({ id }) => [id, { lastSeen: 0, metrics: { cpu: known(cpu), load1: known(1) } }] as const),
    [disk.id, { lastSeen: 0, metrics: { diskread: known(1) } }] as const,
  ]),
});

describe('the charts of many resources (UX-3)', () => {
  it('are those of the hosts by name, where nothing is said', () => {
    const choice = chooseCharts(estate(5), {});
    expect([choice.kind, choice.group?.id]).toEqual(['agent', 'cpu']);
    expect(choice.resources.map(({ name }) => name)).toEqual(['db1', 'web2', 'web10']);
  });

  it('follow the address, and offer only what is measured', () => {
    const choice = chooseCharts(estate(5), { kind: 'physical_disk', chart: 'cpu' });
    expect(choice.kinds).toEqual(['agent', 'physical_disk']);
    expect(choice.group?.id).toBe('disk-io');
    expect(chooseCharts(estate(5), { chart: 'load', q: 'WEB' })).toMatchObject({ group: { id: 'load' } });
    expect(chooseCharts(estate(5), { q: 'WEB' }).resources).toHaveLength(2);
  });

  it('are the same choice when only values have changed (D-31)', () => {
    const select = choiceSelector({});
    const first = select(estate(5));
    expect(select(estate(6))).toBe(first);
    const resources = new Map(estate(5).resources);
    resources.delete('agent-db1');
    expect(select({ ...estate(5), resources })?.resources).toHaveLength(2);
  });

  it('survive a reload', () => {
    const search = { kind: 'agent', chart: 'load', q: 'web', range: '6h' };
    expect(parseCharts(parseSearch(stringifySearch(search)))).toEqual(search);
    expect(parseCharts({ kind: 'spaceship' })).toEqual({});
  });
});
