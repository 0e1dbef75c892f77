// What a guest could be brought back from: its backups, with what is known and what is not told apart, and its snapshots.
import type { ReactNode } from 'react';
import type { BackupState, FacetOf, Resource } from '~/api/types';
import { Age } from '~/components/Age';
import { Facts, type Fact } from '~/components/Facts';
import { orUnknown } from '~/components/orUnknown';
import { Panel } from '~/components/Panel';
import { StatusMark } from '~/components/StatusMark';
import { Due } from '~/components/Due';
import { toMillis } from '~/format/time';
import { formatBytes, formatCount } from '~/format/units';
import { BACKUP, VERIFICATION } from '~/strings/condition';
import { facetOf } from './facets';
import { Listed } from './Listed';

type Protection = FacetOf<'protection'>;
type Snapshots = NonNullable<Protection['snapshots']>;

export function ProtectionPanels({ resource }: { resource: Resource }) {
  const protection = facetOf(resource, 'protection');
  if (!protection) return null;
  const { backup, snapshots } = protection;
  return (
    <>
      <Panel title="Backups">
        <Facts facts={[...backupFacts(backup), ...newestFacts(backup.newest)]} />
      </Panel>
      {snapshots ? (
        <SnapshotTable snapshots={snapshots} hasMemory={resource.kind === 'vm'} />
      ) : (
        <Panel title="Snapshots">{orUnknown(null, () => null)}</Panel>
      )}
    </>
  );
}

/** Nobody may have been able to look: that is told apart from there being none. */
function backupFacts({ state, covered, jobs, nextRunAt, copies }: Protection['backup']): Fact[] {
  return [
    { term: 'Backup', value: <State state={state} /> },
    { term: 'Covered by a job', value: orUnknown(covered, yes => (yes ? jobs.join(', ') || 'yes' : <Uncovered />)) },
    { term: 'Next run', value: covered === true && orUnknown(toMillis(nextRunAt), time => <Due time={time} />) },
    { term: 'Backups seen', value: orUnknown(copies, formatCount) },
  ];
}

function State({ state }: { state: BackupState }) {
  const { status, text, why } = BACKUP[state];
  return (
    <>
      <StatusMark status={status} text={text} />
      {why && <div className="dim">{why}</div>}
    </>
  );
}

function Uncovered() {
  return <StatusMark status="warning" text="No job that is switched on" />;
}

function newestFacts(newest: Protection['backup']['newest']): Fact[] {
  if (!newest) return [];
  const { storage, volume, takenAt, sizeBytes, verification } = newest;
  const word = VERIFICATION[verification];
  return [
    { term: 'Newest', value: orUnknown(toMillis(takenAt), time => <Age time={time} />) },
    { term: 'On', value: storage },
    { term: 'As', value: <code>{volume}</code> },
    { term: 'Size', value: orUnknown(sizeBytes, formatBytes) },
    { term: 'Verified', value: word ? <StatusMark {...word} /> : 'not yet' },
    {
      term: 'Kept',
      value: [newest.protected && 'protected', newest.encrypted && 'encrypted'].filter(Boolean).join(', '),
    },
  ];
}

/** A container has no memory that a snapshot could hold. */
type SnapshotProps = { snapshots: Snapshots; hasMemory: boolean };

function SnapshotTable({ snapshots: { count, newest, current, oldestAt }, hasMemory }: SnapshotProps) {
  if (count === 0) {
    return (
      <Panel title="Snapshots">
        <span className="dim">None</span>
      </Panel>
    );
  }
  const oldest = toMillis(oldestAt);
  return (
    <Listed
      title="Snapshots"
      heads={['Name', 'Taken', 'After', ...(hasMemory ? ['Memory'] : []), 'Description']}
      aside={counts(newest.length, count, oldest)}
    >
      {newest.map(({ name, takenAt, parent, withMemory, description }) => (
        <tr key={name}>
          <td>
            {name}
            {name === current && <span className="dim"> the present state follows it</span>}
          </td>
          <td>
            {orUnknown(toMillis(takenAt), time => (
              <Age time={time} />
            ))}
          </td>
          <td>{parent}</td>
          {hasMemory && <td data-optional>{orUnknown(withMemory, yes => yes && 'with memory')}</td>}
          <td data-optional>{description}</td>
        </tr>
      ))}
    </Listed>
  );
}

function counts(listed: number, count: number, oldest: number | null): ReactNode {
  return (
    <>
      {listed < count && `${formatCount(listed)} of `}
      {formatCount(count)}
      {oldest !== null && (
        <>
          , the oldest <Age time={oldest} />
        </>
      )}
    </>
  );
}
