// Each source: whether it is current, its cadence, and what it could not read.
import { Fragment } from 'react';
import type { Source, SourceFreshness, Status } from '~/api/types';
import { Age } from '~/components/Age';
import { Notice } from '~/components/Notice';
import { StatusMark } from '~/components/StatusMark';
import { useSourceName } from '~/components/sourceNames';
import { toMillis } from '~/format/time';
import { formatCount } from '~/format/units';
import { FRESHNESS } from '~/strings/labels';
import { SourceIssues } from './SourceIssues';
import classes from './System.module.css';

const MARK: Record<SourceFreshness, Status> = {
  online: 'online',
  stale: 'warning',
  offline: 'offline',
  unknown: 'unknown',
};

export function SourceTable({ sources }: { sources: readonly Source[] }) {
  if (sources.length === 0) {
    return (
      <Notice kind="empty" title="No source has reported yet">
        <p>The agent inside this server reports within ten seconds of the start, unless it is switched off.</p>
      </Notice>
    );
  }
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Source</th>
          <th scope="col">Status</th>
          <th scope="col" data-optional>
            Every
          </th>
          <th scope="col">Last success</th>
          <th scope="col" data-optional>
            Resources
          </th>
          <th scope="col">Issues</th>
        </tr>
      </thead>
      <tbody>
        {sources.map(source => (
          <Fragment key={source.id}>
            <SourceRow source={source} />
            <SourceIssues observed={source.observed} />
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function SourceRow({ source: { id, status, poll, observed } }: { source: Source }) {
  const name = useSourceName()(id);
  return (
    <tr>
      <th scope="row" {...(name !== id && { 'data-tip': id })}>
        {name}
      </th>
      <td>
        <StatusMark status={MARK[status]} text={FRESHNESS[status]} />
      </td>
      <td data-optional>{poll.intervalSeconds} s</td>
      <td>
        <Age time={toMillis(poll.lastSuccessAt)} />
      </td>
      <td data-optional>{formatCount(observed.resourceCount)}</td>
      <td>{observed.issueCount === 0 ? 'none' : formatCount(observed.issueCount)}</td>
    </tr>
  );
}
