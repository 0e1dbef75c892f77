// The devices of a ZFS pool as the tree that they are, with their errors.
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { FacetOf, Resource, ResourceId } from '~/api/types';
import { orUnknown } from '~/components/orUnknown';
import { StatusMark } from '~/components/StatusMark';
import { formatCount } from '~/format/units';
import { facetOf } from './facets';
import { Listed } from './Listed';
import { useChildren } from './useChildren';
import { deviceStatus, disksByDevice } from './zfs';
import classes from './ResourceView.module.css';

type Zfs = FacetOf<'zfsPool'>;

const INDENT_PX = 18;

export function ZfsPanel({ resource }: { resource: Resource }) {
  const zfs = facetOf(resource, 'zfsPool');
  return zfs ? <Devices zfs={zfs} machine={resource.parentId ?? null} /> : null;
}

function Devices({ zfs, machine }: { zfs: Zfs; machine: ResourceId | null }) {
  const parts = useChildren(machine);
  const disks = useMemo(() => disksByDevice(parts), [parts]);
  const left = zfs.devicesTotal - zfs.devices.length;
  return (
    <Listed
      title={`Devices of ${zfs.pool}`}
      heads={['Device', 'State', 'Errors read, written, checksum', 'Disk']}
      aside={left > 0 ? `${formatCount(zfs.devices.length)} of ${formatCount(zfs.devicesTotal)}` : undefined}
    >
      {zfs.devices.map((device, index) => (
        <DeviceRow
          key={`${index} ${device.name}`}
          device={device}
          disk={device.disk === null ? undefined : disks.get(device.disk)}
        />
      ))}
    </Listed>
  );
}

/** `disk`: the resource that the device is, where it is known. */
type RowProps = { device: Zfs['devices'][number]; disk: Resource | undefined };

function DeviceRow({ device, disk }: RowProps) {
  const { name, depth, state, readErrors, writeErrors, checksumErrors, message } = device;
  return (
    <tr>
      <td>
        <span className={classes.device} style={{ paddingLeft: depth * INDENT_PX }}>
          {name}
        </span>
        {message && <div className="dim">{message}</div>}
      </td>
      <td>{state && <StatusMark status={deviceStatus(state)} text={state} />}</td>
      <td>
        {/* A section such as `cache` counts nothing. */}
        {state && [readErrors, writeErrors, checksumErrors].map((count, index) => <Errors key={index} count={count} />)}
      </td>
      <td data-optional className={classes.whole}>
        {device.disk !== null && <DiskLink disk={disk} device={device.disk} />}
      </td>
    </tr>
  );
}

function Errors({ count }: { count: number | null }) {
  return (
    <span className={classes.errors} data-some={count !== null && count > 0}>
      {orUnknown(count, formatCount)}
    </span>
  );
}

function DiskLink({ disk, device }: { disk: Resource | undefined; device: string }) {
  if (!disk) return device;
  return (
    <Link to="/resources/$id" params={{ id: disk.id }}>
      {device}
    </Link>
  );
}
