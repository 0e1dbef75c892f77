// The facts of Ceph clusters, ZFS pools, backups and snapshots, in groups and words for people.
import type { ReactNode } from 'react';
import type { BackupState, FacetOf } from '~/api/types';
import { Age } from '~/components/Age';
import type { Fact } from '~/components/Facts';
import { orUnknown } from '~/components/orUnknown';
import { StatusMark } from '~/components/StatusMark';
import { toMillis } from '~/format/time';
import { formatBytes, formatCount } from '~/format/units';
import { BACKUP, CEPH_HEALTH, CERTIFICATE, POOL } from '~/strings/condition';
import type { Section } from './facetSections';

export function cephSections(ceph: FacetOf<'ceph'>): [Section, ...Section[]] {
  const { osds, monitors, quorum } = ceph;
  return [
    {
      title: 'Ceph',
      facts: [
        { term: 'Health', value: <StatusMark {...CEPH_HEALTH[ceph.health]} /> },
        { term: 'Release', value: ceph.release },
        { term: 'Id', value: ceph.fsid && <code>{ceph.fsid}</code> },
        { term: 'Nodes', value: ceph.nodes.join(', ') },
      ],
    },
    {
      title: 'Daemons',
      facts: [
        { term: 'Disks (OSDs)', value: orUnknown(osds.total, formatCount) },
        { term: 'Running', value: orUnknown(osds.up, up => <Part count={up} of={osds.total} />) },
        { term: 'Holding data', value: orUnknown(osds.in, used => <Part count={used} of={osds.total} />) },
        { term: 'Monitors', value: orUnknown(monitors, formatCount) },
        { term: 'In agreement', value: orUnknown(present(quorum), names => <Quorum names={names} of={monitors} />) },
        { term: 'Manager', value: orUnknown(ceph.managerAvailable, yes => (yes ? 'at work' : <Away />)) },
        { term: 'Standing by', value: orUnknown(ceph.managersStandby, formatCount) },
      ],
    },
    {
      title: 'Data',
      facts: [
        { term: 'Pools', value: orUnknown(ceph.pools, formatCount) },
        { term: 'Objects', value: orUnknown(ceph.objects, formatCount) },
        { term: 'Without copies', value: orUnknown(ceph.dataBytes, formatBytes) },
        { term: 'All disks', value: orUnknown(ceph.totalBytes, formatBytes) },
      ],
    },
  ];
}

/** Monitors that nobody names are not known; without any there would be no answer. */
const present = (names: readonly string[]) => (names.length > 0 ? names : null);

/** Nothing where nobody would have to do anything. */
export function certificateMark(state: FacetOf<'node'>['certificateState']): ReactNode {
  const word = state && CERTIFICATE[state];
  return word && <StatusMark {...word} />;
}

/** Fewer than there are is a warning. */
function Part({ count, of }: { count: number; of: number | null }) {
  return of !== null && count < of ? (
    <StatusMark status="warning" text={`${formatCount(count)} of ${formatCount(of)}`} />
  ) : (
    formatCount(count)
  );
}

function Quorum({ names, of }: { names: readonly string[]; of: number | null }) {
  const text = names.join(', ');
  return of !== null && names.length < of ? <StatusMark status="warning" text={text} /> : text;
}

function Away() {
  return <StatusMark status="warning" text="none at work" />;
}

export function zfsSections(zfs: FacetOf<'zfsPool'>): [Section, ...Section[]] {
  return [
    {
      title: 'ZFS pool',
      facts: [
        { term: 'Name', value: zfs.pool },
        { term: 'Node', value: zfs.node },
        { term: 'State', value: <StatusMark {...POOL[zfs.state]} /> },
        { term: 'In its words', value: zfs.health },
        { term: 'What is wrong', value: zfs.status },
        { term: 'What to do', value: zfs.action },
        { term: 'Damaged data', value: zfs.dataErrors },
        { term: 'Scrub', value: orUnknown(zfs.scan, text => text) },
        { term: 'Raw size', value: orUnknown(zfs.sizeBytes, formatBytes) },
        { term: 'Fragmentation', value: orUnknown(zfs.fragmentationPercent, share => `${formatCount(share)} %`) },
      ],
    },
  ];
}

export function protectionSections({ backup, snapshots }: FacetOf<'protection'>): [Section, ...Section[]] {
  return [
    {
      title: 'Ways back',
      facts: [
        { term: 'Backup', value: <Backup state={backup.state} /> },
        { term: 'Newest', value: backup.newest && age(backup.newest.takenAt) },
        { term: 'Snapshots', value: orUnknown(snapshots, ({ count }) => formatCount(count)) },
        { term: 'Newest snapshot', value: snapshots && snapshots.count > 0 && age(snapshots.newestAt) },
      ],
    },
  ];
}

function Backup({ state }: { state: BackupState }) {
  const { status, text } = BACKUP[state];
  return <StatusMark status={status} text={text} />;
}

export function backupTargetFacts(target: FacetOf<'backupTarget'>): Fact[] {
  const { failedVerifications: failed } = target;
  return [
    { term: 'Jobs', value: orUnknown(target.jobs, jobs => formatCount(jobs.length)) },
    { term: 'Backups seen', value: orUnknown(target.copies, formatCount) },
    { term: 'Of guests', value: orUnknown(target.guests, formatCount) },
    { term: 'Newest', value: target.copies !== 0 && age(target.newestAt) },
    { term: 'Not readable', value: orUnknown(failed, count => <Failed count={count} />) },
  ];
}

function Failed({ count }: { count: number }) {
  return count === 0 ? 'none' : <StatusMark status="offline" text={formatCount(count)} />;
}

const age = (time: string | null) => orUnknown(toMillis(time), at => <Age time={at} />);
