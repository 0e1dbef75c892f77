// The interfaces, disks and replications of a guest, as its platform knows them.
import type { FacetOf, Resource } from '~/api/types';
import { Age } from '~/components/Age';
import { orUnknown } from '~/components/orUnknown';
import { UnknownValue } from '~/components/Reading';
import { StatusMark } from '~/components/StatusMark';
import { toMillis } from '~/format/time';
import { formatBytes } from '~/format/units';
import { UNKNOWN_REASON } from '~/strings/labels';
import { REPLICATION } from '~/strings/platform';
import { facetOf } from './facets';
import { Listed } from './Listed';

type Guest = FacetOf<'guest'>;

export function GuestPanels({ resource }: { resource: Resource }) {
  const guest = facetOf(resource, 'guest');
  if (!guest) return null;
  return (
    <>
      <Listed title="Interfaces of the guest" heads={['Name', 'Addresses', 'MAC address', 'Bridge', 'VLAN']}>
        {guest.interfaces.map(interfaceRow)}
      </Listed>
      <Listed title="Disks of the guest" heads={['Slot', 'Storage', 'Volume', 'Size']}>
        {guest.disks.map(diskRow)}
      </Listed>
      <Listed title="Filesystems inside" heads={['Mounted at', 'Type', 'Size', 'Device']}>
        {guest.filesystems.map(filesystemRow)}
      </Listed>
      <Listed title="Replication" heads={['Job', 'State', 'To', 'Schedule', 'Last worked']}>
        {guest.replication.map(replicationRow)}
      </Listed>
    </>
  );
}

function interfaceRow({ name, guestName, addresses, macAddress, bridge, vlan, up }: Guest['interfaces'][number]) {
  return (
    <tr key={`${name} ${macAddress ?? ''}`}>
      <td>
        {name}
        {guestName && guestName !== name && <span className="dim"> {guestName}</span>}
        {up === false && <span className="dim"> unplugged</span>}
      </td>
      <td>{addresses.length > 0 ? addresses.join(', ') : <UnknownValue why={UNKNOWN_REASON.not_reported} />}</td>
      <td>{macAddress}</td>
      <td data-optional>{bridge}</td>
      <td data-optional>{vlan}</td>
    </tr>
  );
}

function diskRow({ slot, storage, volume, sizeBytes }: Guest['disks'][number]) {
  return (
    <tr key={slot}>
      <td>{slot}</td>
      <td>{storage}</td>
      <td>{volume}</td>
      <td data-optional>{orUnknown(sizeBytes, formatBytes)}</td>
    </tr>
  );
}

function filesystemRow({ mountpoint, fsType, totalBytes, device }: Guest['filesystems'][number]) {
  return (
    <tr key={mountpoint}>
      <td>{mountpoint}</td>
      <td>{fsType}</td>
      <td>{orUnknown(totalBytes, formatBytes)}</td>
      <td data-optional>{device}</td>
    </tr>
  );
}

function replicationRow({ id, state, target, schedule, lastSync, error }: Guest['replication'][number]) {
  return (
    <tr key={id}>
      <td>{id}</td>
      <td>
        <StatusMark {...REPLICATION[state]} />
        {error && <div className="dim">{error}</div>}
      </td>
      <td>{target}</td>
      <td data-optional>{schedule}</td>
      <td data-optional>
        {state === 'unknown' ? <UnknownValue why={UNKNOWN_REASON.not_reported} /> : <Age time={toMillis(lastSync)} />}
      </td>
    </tr>
  );
}
