// Finds resources by whatever people know of them: name, host name, address, serial number, id. Pure.
import type { Resource, ResourceId } from '~/api/types';

export type SearchEntry = { id: ResourceId; name: string; text: string };

const MOST_HITS = 50;

/** A resource never changes, a changed one is another object: so its entry is made once. */
const entries = new WeakMap<Resource, SearchEntry>();

/** Everything by which a resource may be found, in lower case. */
export function searchEntry(resource: Resource): SearchEntry {
  const known = entries.get(resource);
  if (known) return known;
  const made = makeEntry(resource);
  entries.set(resource, made);
  return made;
}

function makeEntry(resource: Resource): SearchEntry {
  const { canonicalIdentity: names, identity } = resource;
  const words = [
    names.displayName,
    resource.name,
    names.hostname,
    resource.id,
    resource.parentName,
    identity.serial,
    identity.wwn,
    identity.machineId,
    ...identity.hostnames,
    ...identity.ipAddresses,
    ...identity.macAddresses,
    ...resource.tags,
    ...names.aliases,
  ];
  const text = words
    .filter(word => word !== null && word !== undefined && word !== '')
    .join('\n')
    .toLowerCase();
  return { id: resource.id, name: names.displayName.toLowerCase(), text };
}

function rank(entry: SearchEntry, words: readonly string[]): number {
  const [first = ''] = words;
  if (entry.name === first) return 0;
  if (entry.name.startsWith(first)) return 1;
  return entry.name.includes(first) ? 2 : 3;
}

/** The best hits first. Every word must occur; a hit in the name counts more than one elsewhere. */
export function search(candidates: readonly SearchEntry[], query: string): ResourceId[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const hits = candidates.filter(({ text }) => words.every(word => text.includes(word)));
  const ranked = hits.map(entry => ({ entry, rank: rank(entry, words) }));
  ranked.sort((a, b) => a.rank - b.rank || a.entry.name.localeCompare(b.entry.name));
  return ranked.slice(0, MOST_HITS).map(({ entry }) => entry.id);
}
