// Where the platform's own page of a resource is: at an entry point of the connection that reports it. Pure.
import type { Connection, Resource } from '~/api/types';
import { facetOf } from './facets';

/** The part of the platform's page that opens first: the summary stands where the last one was left. */
const VIEW = '4';

/** Undefined where no connection reports it, or where the address is none that a browser should follow. */
export function consoleLink(resource: Resource, connections: readonly Connection[]): string | undefined {
  for (const { source, key } of resource.sources) {
    const connection = connections.find(each => each.source === source && each.platform === 'proxmox-pve');
    const place = connection && placeOf(resource, key);
    const base = connection?.endpoints.map(webAddress).find(address => address !== undefined);
    if (place !== undefined && base !== undefined) return `${base}/#v1:0:=${encodeURIComponent(place)}:${VIEW}`;
  }
  return undefined;
}

/** The place in the platform's own tree: ours, but that a shared storage stands there below a node. */
function placeOf(resource: Resource, key: string): string | undefined {
  if (/^(qemu|lxc)\/\d+$/.test(key) || /^node\/[^/]+$/.test(key) || /^storage\/[^/]+\/[^/]+$/.test(key)) return key;
  const storage = facetOf(resource, 'storage');
  const [node] = storage?.nodes ?? [];
  return storage && node !== undefined ? `storage/${node}/${storage.storage}` : undefined;
}

/** Only what is fetched over the web: an address comes from whoever may edit connections. */
function webAddress(endpoint: string): string | undefined {
  const url = URL.parse(endpoint);
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.origin : undefined;
}
