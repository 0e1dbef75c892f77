// The jobs that write backups to a storage.
import type { BackupSelection, FacetOf, Resource } from '~/api/types';
import { Due } from '~/components/Due';
import { orUnknown } from '~/components/orUnknown';
import { StatusMark } from '~/components/StatusMark';
import { toMillis } from '~/format/time';
import { counted, formatCount } from '~/format/units';
import { facetOf } from './facets';
import { Listed } from './Listed';

type Job = NonNullable<FacetOf<'backupTarget'>['jobs']>[number];

export function BackupPanel({ resource }: { resource: Resource }) {
  const jobs = facetOf(resource, 'backupTarget')?.jobs ?? [];
  return (
    <Listed title="Backup jobs" heads={['Job', 'Next run', 'Guests', 'Which', 'When', 'Mode']}>
      {jobs.map(jobRow)}
    </Listed>
  );
}

function jobRow({ id, enabled, schedule, nextRunAt, mode, node, selection, guests, comment }: Job) {
  return (
    <tr key={id}>
      <td>
        {id}
        {comment && <div className="dim">{comment}</div>}
      </td>
      <td>{enabled ? nextRun(nextRunAt) : <StatusMark status="unknown" text="Switched off" />}</td>
      <td>{orUnknown(selection.type === 'unknown' ? null : guests, formatCount)}</td>
      <td data-optional>
        {selected(selection)}
        {node !== null && `, only on ${node}`}
      </td>
      <td data-optional>{schedule}</td>
      <td data-optional>{mode}</td>
    </tr>
  );
}

/** A job that is switched on runs at some time, also where its schedule is not understood. */
function nextRun(time: string | null) {
  return orUnknown(toMillis(time), at => <Due time={at} />);
}

function selected(selection: BackupSelection): string {
  switch (selection.type) {
    case 'unknown':
      return 'not told';
    case 'all':
      return selection.except.length > 0 ? `all but ${selection.except.join(', ')}` : 'all';
    case 'pool':
      return `those of pool ${selection.pool}`;
    case 'guests':
      return selection.ids.length > 6 ? counted(selection.ids.length, 'guest', 'guests') : selection.ids.join(', ');
  }
}
