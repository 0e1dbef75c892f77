// The connections, each with what is wrong with it below.
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { Connection } from '~/api/types';
import { Age } from '~/components/Age';
import { Due } from '~/components/Due';
import { Heads, type Head } from '~/components/Heads';
import { UnknownValue } from '~/components/Reading';
import { StatusMark } from '~/components/StatusMark';
import { toMillis } from '~/format/time';
import { formatCount } from '~/format/units';
import { useNow } from '~/time/useNow';
import { ConnectionTrouble, hasTrouble } from './ConnectionTrouble';
import { connectionState, countWords } from './health';
import { PLATFORM } from './platform';
import { RATE_UNKNOWN } from './requestRate';
import classes from './Connections.module.css';

const NOW_GRAIN_MS = 5000;

const HEADS: readonly Head[] = [
  { title: 'Connection' },
  { title: 'State' },
  { title: 'Last success' },
  { title: 'Next look', optional: true },
  { title: 'Failures', optional: true },
  { title: 'Sees', optional: true },
  { title: 'Requests/min', optional: true, numeric: true },
];

type Props = { connections: readonly Connection[]; rateOf: (id: string) => number | null };

export function ConnectionTable({ connections, rateOf }: Props) {
  return (
    <table className={classes.table}>
      <Heads heads={HEADS} />
      <tbody>
        {connections.map(connection => (
          <Fragment key={connection.id}>
            <ConnectionRow connection={connection} rate={rateOf(connection.id)} />
            {hasTrouble(connection) && (
              <tr>
                <td colSpan={HEADS.length}>
                  <ConnectionTrouble connection={connection} leads />
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function ConnectionRow({ connection, rate }: { connection: Connection; rate: number | null }) {
  const { id, name, platform, poll, observed } = connection;
  const state = connectionState(connection, useNow(NOW_GRAIN_MS));
  return (
    <tr>
      <th scope="row">
        <Link to="/connections/$id" params={{ id }}>
          {name}
        </Link>
        <div className="dim">{PLATFORM[platform] ?? platform}</div>
      </th>
      <td>
        <StatusMark {...state} />
      </td>
      <td>
        <Age time={toMillis(poll.lastSuccessAt)} />
      </td>
      <td data-optional>
        <Due time={toMillis(poll.nextAt)} />
      </td>
      <td data-optional>{formatCount(poll.consecutiveFailures)}</td>
      <td data-optional>{countWords(observed.counts) || <span className="dim">nothing yet</span>}</td>
      <td data-optional data-numeric>
        {rate === null ? <UnknownValue why={RATE_UNKNOWN} /> : formatCount(rate)}
      </td>
    </tr>
  );
}
