// Two resources side by side: what each says, and whether they agree. Pure.
import type { Resource } from '~/api/types';
import { formatBytes } from '~/format/units';
import { facetOf, hostFacet } from '~/pages/resource/facets';

export type Agreement = 'same' | 'partly' | 'different' | 'one-sided';

export type SideRow = { term: string; first: string[]; second: string[]; agreement: Agreement };

type Read = (resource: Resource) => readonly (string | null | undefined)[];

/** In the order in which a person would look. */
const READ: readonly (readonly [term: string, read: Read])[] = [
  ['Host names', ({ identity }) => identity.hostnames],
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
  const rows = READ.map(([term, read]) => {
    const sides = [present(read(first)), present(read(second))] as const;
    return { term, first: sides[0], second: sides[1], agreement: agreement(...sides) };
  });
  return rows.filter(row => row.first.length + row.second.length > 0);
}

function present(values: readonly (string | null | undefined)[]): string[] {
  return values.filter(value => typeof value === 'string').filter(value => value !== '');
}

/** Letters' case does not tell machines apart. */
function agreement(first: readonly string[], second: readonly string[]): Agreement {
  if (first.length === 0 || second.length === 0) return 'one-sided';
  const [one, other] = [first, second].map(side => new Set(side.map(value => value.toLowerCase())));
  const shared = [...(one ?? [])].filter(value => other?.has(value)).length;
  if (shared === 0) return 'different';
  return shared === one?.size && shared === other?.size ? 'same' : 'partly';
}
