// The permission doctor: each call, whether it is allowed, what stays empty without it, and what grants it.
import type { CallOutcome, CallProbe, Status } from '~/api/types';
import { Commands } from '~/components/Commands';
import { Marked } from '~/components/Marked';
import { StatusMark } from '~/components/StatusMark';
import { grantsOf, sortedCalls, summary } from './rights';
import classes from './Connections.module.css';

const MARK: Record<CallOutcome, { status: Status; text: string }> = {
  granted: { status: 'online', text: 'Granted' },
  refused: { status: 'offline', text: 'Refused' },
  partial: { status: 'warning', text: 'In part' },
  absent: { status: 'unknown', text: 'Not on this version' },
  failed: { status: 'warning', text: 'Failed' },
};

/** Some rights change things on the platform, though nothing here does: each is for people to weigh. */
const GRANTING = 'Grants what is missing: run on any node the lines that you want, some rights are strong';

export function RightsTable({ calls }: { calls: readonly CallProbe[] }) {
  const grants = grantsOf(calls);
  return (
    <>
      <p className={classes.note} role="status">
        {summary(calls)}
      </p>
      {grants.length > 0 && <Commands what={GRANTING} lines={grants} />}
      <div className={classes.scrolled} role="region" aria-label="Calls and the rights that they need" tabIndex={0}>
        <table className={classes.rights}>
          <caption className="visually-hidden">What the credentials may see</caption>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Call</th>
              <th scope="col">Right</th>
              <th scope="col">Without it</th>
            </tr>
          </thead>
          <tbody>
            {sortedCalls(calls).map(call => (
              <CallRow key={call.call} call={call} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function CallRow({ call: { call, right, state, detail, without } }: { call: CallProbe }) {
  return (
    <tr>
      <td>
        <StatusMark {...MARK[state]} />
      </td>
      <th scope="row">
        <code>{call}</code>
      </th>
      <td>{right}</td>
      <td>
        {without}
        {detail && (
          <div className="dim">
            <Marked text={detail} />
          </div>
        )}
      </td>
    </tr>
  );
}
