// Two resources side by side: what each says, and whether they agree. Pure.
import type { Resource } from '~/api/types';
import { formatBytes } from '~/format/units';
import { facetOf, hostFacet } from '~/pages/resource/facets';

export type Agreement = 'same' | 'partly' | 'different' | 'one-sided';

export type SideRow = { term: string; first: string[]; second: string[]; agreement: Agreement };

type Read = (resource: Resource) => readonly (string | null | undefined)[];

/** Whether two words name one thing. */
type Same = (one: string, other: string) => boolean;

/** Letters' case does not tell machines apart. */
const sameWord: Same = (one, other) => one.toLowerCase() === other.toLowerCase();

/** As the server compares them: equal in full, or one is the short form of the other, which has no domain. */
function sameHost(one: string, other: string): boolean {
  const [ours, theirs] = [hostName(one), hostName(other)];
  return ours === theirs || isShortFor(ours, theirs) || isShortFor(theirs, ours);
}

const hostName = (name: string) => name.trim().replace(/\.+$/, '').toLowerCase();
const isShortFor = (short: string, long: string) => !short.includes('.') && short === long.split('.')[0];

/** In the order in which a person would look. */
const READ: readonly (readonly [term: string, read: Read, same?: Same])[] = [
  ['Host names', ({ identity }) => identity.hostnames, sameHost],
  ['Machine id', ({ identity }) => [identity.machineId]],
  ['SMBIOS UUID', ({ identity }) => [identity.dmiUuid]],
  ['Serial number', ({ identity }) => [identity.serial]],
  ['MAC addresses', ({ identity }) => identity.macAddresses],
  ['IP addresses', ({ identity }) => identity.ipAddresses],
  ['System', resource => [hostFacet(resource)?.os.prettyName ?? facetOf(resource, 'guest')?.os]],
  ['Hardware', resource => [hostFacet(resource)?.system.product]],
  ['Processor', resource => [hostFacet(resource)?.cpu.model]],
  ['Memory', resource => [bytes(hostFacet(resource)?.memory.totalBytes ?? facetOf(resource, 'guest')?.memoryBytes)]],
  ['Number', resource => [facetOf(resource, 'guest')?.nativeId]],
  ['Part of', ({ parentName }) => [parentName]],
];

const bytes = (value: number | null | undefined) => (typeof value === 'number' ? formatBytes(value) : null);

export function compareSides(first: Resource, second: Resource): SideRow[] {
  const rows = READ.map(([term, read, same = sameWord]) => {
    const sides = [present(read(first)), present(read(second))] as const;
    return { term, first: sides[0], second: sides[1], agreement: agreement(...sides, same) };
  });
  return rows.filter(row => row.first.length + row.second.length > 0);
}

function present(values: readonly (string | null | undefined)[]): string[] {
  return values.filter(value => typeof value === 'string').filter(value => value !== '');
}

function agreement(first: readonly string[], second: readonly string[], same: Same): Agreement {
  if (first.length === 0 || second.length === 0) return 'one-sided';
  const ours = first.filter(one => second.some(other => same(one, other)));
  const theirs = second.filter(other => first.some(one => same(one, other)));
  if (ours.length === 0) return 'different';
  return ours.length === first.length && theirs.length === second.length ? 'same' : 'partly';
}
