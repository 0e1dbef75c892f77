// One connection: how polling goes, how it connects, what it may see, and what can be done about it.
import { Link, useParams } from '@tanstack/react-router';
import type { Connection } from '~/api/types';
import { Facts, type Fact } from '~/components/Facts';
import { Panel } from '~/components/Panel';
import { StatusMark } from '~/components/StatusMark';
import { UnknownValue } from '~/components/Reading';
import { formatStep, formatTime, toMillis } from '~/format/time';
import { Age } from '~/components/Age';
import { formatCount } from '~/format/units';
import { useNow } from '~/time/useNow';
import { ConnectionActions } from './ConnectionActions';
import { ConnectionTrouble, hasTrouble } from './ConnectionTrouble';
import { loginOf } from './draft';
import { Due } from '~/components/Due';
import { connectionState, countWords } from './health';
import { OneConnection } from './OneConnection';
import { PLATFORM } from './platform';
import { RATE_UNKNOWN } from './requestRate';
import { RightsPanel } from './RightsPanel';
import { useMayEdit } from './useMayEdit';
import classes from './Connections.module.css';

const NOW_GRAIN_MS = 5000;

export function ConnectionPage() {
  const { id } = useParams({ from: '/app/connections/$id' });
  return <OneConnection id={id}>{(connection, rate) => <View connection={connection} rate={rate} />}</OneConnection>;
}

type Props = { connection: Connection; rate: number | null };

function View({ connection, rate }: Props) {
  const mayEdit = useMayEdit();
  const { name, platform, source } = connection;
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <nav className={classes.crumbs} aria-label="Where it belongs">
          <Link to="/connections">Connections</Link>
        </nav>
        <h1>{name}</h1>
        <StatusMark {...connectionState(connection, useNow(NOW_GRAIN_MS))} />
        <span className="dim">{PLATFORM[platform] ?? platform}</span>
        {mayEdit && <ConnectionActions connection={connection} />}
      </header>
      {hasTrouble(connection) && <ConnectionTrouble connection={connection} />}
      <div className={classes.columns}>
        <Panel title="Polling">
          <Facts facts={pollFacts(connection, rate)} />
        </Panel>
        <Panel title="What it sees">
          <Facts facts={seenFacts(connection)} />
          <p className={classes.more}>
            <Link to="/infrastructure" search={{ view: 'all', source }}>
              Everything that it reports
            </Link>
          </p>
        </Panel>
        <Panel title="How it connects">
          <Facts facts={wayFacts(connection)} />
        </Panel>
      </div>
      {mayEdit && <RightsPanel connection={connection} />}
    </div>
  );
}

function pollFacts({ poll, observed }: Connection, rate: number | null): Fact[] {
  return [
    { term: 'Every', value: formatStep(poll.intervalSeconds) },
    { term: 'Last success', value: <Age time={toMillis(poll.lastSuccessAt)} /> },
    { term: 'Last look', value: <Age time={toMillis(poll.lastAttemptAt)} /> },
    { term: 'Next look', value: <Due time={toMillis(poll.nextAt)} /> },
    { term: 'Failures since', value: formatCount(poll.consecutiveFailures) },
    { term: 'Requests sent', value: formatCount(observed.requests) },
    {
      term: 'Requests a minute',
      value: rate === null ? <UnknownValue why={RATE_UNKNOWN} /> : formatCount(rate),
    },
  ];
}

function seenFacts({ observed }: Connection): Fact[] {
  return [
    { term: 'Read', value: <Age time={toMillis(observed.collectedAt)} /> },
    { term: 'Found', value: countWords(observed.counts) || 'nothing yet' },
    { term: 'Not readable', value: observed.issueCount === 0 ? 'nothing' : formatCount(observed.issueCount) },
  ];
}

function wayFacts({ endpoints, auth, pins, source, createdAt, updatedAt, version }: Connection): Fact[] {
  return [
    { term: 'Addresses', value: <Lines lines={endpoints} /> },
    { term: auth.method === 'token' ? 'Token' : 'User', value: <code>{loginOf(auth)}</code> },
    {
      term: 'Approved certificates',
      value: pins.length === 0 ? "none; the system's authorities are believed" : <Lines lines={pins} />,
    },
    { term: 'Source', value: <code>{source}</code> },
    { term: 'Made', value: formatTime(Date.parse(createdAt)) },
    { term: 'Changed', value: `${formatTime(Date.parse(updatedAt))}, version ${version}` },
  ];
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul className={classes.lines}>
      {lines.map(line => (
        <li key={line}>
          <code>{line}</code>
        </li>
      ))}
    </ul>
  );
}
