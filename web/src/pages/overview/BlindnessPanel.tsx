// What cannot be seen, and why: as long as anything stands here, a green estate proves little.
import { Link, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Blindness, Connection } from '~/api/types';
import { Age } from '~/components/Age';
import { Marked } from '~/components/Marked';
import { Panel } from '~/components/Panel';
import { metricLabel } from '~/format/metrics';
import { useSourceName } from '~/components/sourceNames';
import { formatStep, toMillis } from '~/format/time';
import { counted, formatCount } from '~/format/units';
import { FRESHNESS, UNKNOWN_REASON } from '~/strings/labels';
import classes from './Overview.module.css';

const ANCHOR = 'blindness';
const MOST_READINGS = 6;

type Props = { blindness: Blindness; failing: readonly Connection[] };

export function BlindnessPanel({ blindness, failing }: Props) {
  const panel = useRef<HTMLDivElement>(null);
  const chosen = useLocation({ select: ({ hash }) => hash === ANCHOR });
  // An effect, because being led here means being scrolled here.
  useEffect(() => {
    if (chosen) panel.current?.scrollIntoView({ block: 'start' });
  }, [chosen]);
  const { sources, silentTotal, degradedTotal } = blindness;
  return (
    <div ref={panel} id={ANCHOR}>
      <Panel
        title="What cannot be seen"
        aside={`${formatCount(sources - silentTotal)} of ${counted(sources, 'source', 'sources')} current`}
        flush
      >
        <ul className={classes.list}>
          <Failing connections={failing} />
          <Silent blindness={blindness} />
          <Degraded blindness={blindness} />
          <UnknownReadings blindness={blindness} />
          <Undecided count={blindness.undecidedIdentities} />
        </ul>
        {failing.length + silentTotal + degradedTotal + blindness.undecidedIdentities === 0 &&
          blindness.unknownReadings?.length === 0 && (
            <p className={classes.none}>
              Every source is current, and everything that they speak of is known
              {typeof blindness.knownReadings === 'number' &&
                `: ${counted(blindness.knownReadings, 'value', 'values')}`}
              .
            </p>
          )}
      </Panel>
    </div>
  );
}

/** Connections whose last look came to nothing: why, and where to mend it. */
function Failing({ connections }: { connections: readonly Connection[] }) {
  return connections.map(({ id, name, poll }) => (
    <li key={id} className={classes.blind} data-kind="silent">
      <Link to="/connections/$id" params={{ id }}>
        {name}
      </Link>
      {poll.lastError && (
        <>
          : <Marked text={poll.lastError.message} />
        </>
      )}
      <span className="dim">
        {' '}
        Last success <Age time={toMillis(poll.lastSuccessAt)} />
      </span>
    </li>
  ));
}

function Silent({ blindness: { silent, silentTotal, unseenResources } }: { blindness: Blindness }) {
  const nameOf = useSourceName();
  const more = silentTotal - silent.length;
  return (
    <>
      {silent.map(({ id, status, lastSeen, intervalSeconds, resources }) => (
        <li key={id} className={classes.blind} data-kind="silent">
          <strong>{nameOf(id)}</strong> {FRESHNESS[status].toLowerCase()}, last heard <Age time={toMillis(lastSeen)} />
          <span className="dim">
            {intervalSeconds > 0 && ` It reports every ${formatStep(intervalSeconds)}.`}{' '}
            {counted(resources, 'resource is', 'resources are')} seen through it.
          </span>
        </li>
      ))}
      {more > 0 && <More what={counted(more, 'more silent source', 'more silent sources')} />}
      {unseenResources > 0 && (
        <li className={classes.blind} data-kind="silent">
          <strong>{counted(unseenResources, 'resource', 'resources')}</strong> nobody reports just now: what is shown of
          them is old.
        </li>
      )}
    </>
  );
}

function Degraded({ blindness: { degraded, degradedTotal } }: { blindness: Blindness }) {
  const nameOf = useSourceName();
  const more = degradedTotal - degraded.length;
  return (
    <>
      {degraded.map(({ id, issues, issueCount }) => (
        <li key={id} className={classes.blind}>
          <strong>{nameOf(id)}</strong> could not read {counted(issueCount, 'part', 'parts')}
          <ul>
            {issues.map(({ section, message }) => (
              <li key={`${section} ${message}`}>
                {section}: {message}
              </li>
            ))}
          </ul>
        </li>
      ))}
      {more > 0 && <More what={counted(more, 'more source with missing parts', 'more sources with missing parts')} />}
    </>
  );
}

function UnknownReadings({ blindness: { unknownReadings } }: { blindness: Blindness }) {
  if (!unknownReadings) {
    return <li className={classes.blind}>Which values are unknown: your role does not include reading metrics.</li>;
  }
  const more = unknownReadings.length - MOST_READINGS;
  return (
    <>
      {unknownReadings.slice(0, MOST_READINGS).map(({ metric, reason, count, example, exampleName }) => (
        <li key={`${metric} ${reason}`} className={classes.blind}>
          <strong>{metricLabel(metric)}</strong> of {counted(count, 'resource', 'resources')}, such as{' '}
          <Link to="/resources/$id" params={{ id: example }}>
            {exampleName}
          </Link>
          <span className="dim"> {UNKNOWN_REASON[reason]}</span>
        </li>
      ))}
      {more > 0 && <More what={counted(more, 'more sort of unknown value', 'more sorts of unknown value')} />}
    </>
  );
}

function Undecided({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <li className={classes.blind}>
      <Link to="/connections/identity">{counted(count, 'pair', 'pairs')}</Link> of resources may be one and the same, or
      one inside the other: somebody has to decide.
    </li>
  );
}

function More({ what }: { what: string }) {
  return (
    <li className={classes.blind}>
      and {what}; see <Link to="/system">System</Link>
    </li>
  );
}
