// What is wrong with a connection, what to do about it, and what it could not read.
import { Link } from '@tanstack/react-router';
import type { Connection, PollError } from '~/api/types';
import { Age } from '~/components/Age';
import { Marked } from '~/components/Marked';
import { Notice } from '~/components/Notice';
import { toMillis } from '~/format/time';
import { counted } from '~/format/units';
import { failureWords } from './failure';
import classes from './Connections.module.css';

/** `leads`: whether to lead to the page of the connection, where one is not there already. */
type Props = { connection: Connection; leads?: boolean };

export function hasTrouble({ poll, observed }: Connection): boolean {
  return Boolean(poll.lastError) || observed.issueCount > 0;
}

export function ConnectionTrouble({ connection, leads = false }: Props) {
  return (
    <div className={classes.troubles}>
      {connection.poll.lastError && <Failing connection={connection} leads={leads} error={connection.poll.lastError} />}
      {connection.observed.issueCount > 0 && <Issues observed={connection.observed} />}
    </div>
  );
}

function Failing({ connection: { id, name, poll }, leads, error }: Props & { error: PollError }) {
  const { title, help } = failureWords(error);
  const since = toMillis(poll.lastSuccessAt);
  return (
    <Notice kind="unreachable" compact title={`${name}: ${title}`} {...(leads && { action: <Lead id={id} /> })}>
      <p>
        <Marked text={error.message} />
      </p>
      <p>
        {help} {counted(poll.consecutiveFailures, 'look has', 'looks have')} failed, the last{' '}
        <Age time={toMillis(error.at)} />.{' '}
        {since === null ? (
          'It has never worked.'
        ) : (
          <>
            What it reported is shown as it was, <Age time={since} />.
          </>
        )}
      </p>
    </Notice>
  );
}

function Lead({ id }: { id: string }) {
  return (
    <Link to="/connections/$id" params={{ id }}>
      Look at the connection
    </Link>
  );
}

function Issues({ observed: { issues, issueCount, degraded } }: Pick<Connection, 'observed'>) {
  const more = issueCount - issues.length;
  return (
    <Notice kind="partial" compact title={degraded ? 'Parts could not be read' : 'It had something to say'}>
      <ul>
        {issues.map(({ section, message }) => (
          <li key={`${section} ${message}`}>
            <strong>{section}</strong>: <Marked text={message} />
          </li>
        ))}
        {more > 0 && <li>and {more} more</li>}
      </ul>
    </Notice>
  );
}
