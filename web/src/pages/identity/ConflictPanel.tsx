// One pair: both sides, what speaks for and against, and what can be decided.
import type { Conflict } from '~/api/types';
import { Panel } from '~/components/Panel';
import { useResource } from '~/live/LiveContext';
import { EVIDENCE } from '~/strings/labels';
import { Decide } from './Decide';
import classes from './Identity.module.css';
import { Sides } from './Sides';
import { AGAINST, QUESTION, SUGGESTION } from './words';

export function ConflictPanel({ conflict }: { conflict: Conflict }) {
  const { kind, first, second, confidencePercent, suggestion } = conflict;
  const [one, other] = [useResource(first.id), useResource(second.id)];
  return (
    <Panel title={`${first.displayName} and ${second.displayName}`} aside={`${confidencePercent} % sure`}>
      <div className={classes.conflict}>
        <p className={classes.question}>
          {QUESTION[kind]}. <span className="dim">{SUGGESTION[suggestion]}</span>
        </p>
        {one && other ? (
          <Sides first={one} second={other} />
        ) : (
          <p className="dim">What they are is not here yet, or one of them has just left.</p>
        )}
        <Evidence conflict={conflict} />
        <Decide conflict={conflict} older={older(one?.firstSeenAt, other?.firstSeenAt)} />
      </div>
    </Panel>
  );
}

/** Which of the two was seen first, and keeps its id; `null` where that is not known. */
function older(first: string | undefined, second: string | undefined): 'first' | 'second' | null {
  if (first === undefined || second === undefined || first === second) return null;
  return Date.parse(first) < Date.parse(second) ? 'first' : 'second';
}

function Evidence({ conflict: { evidence, against } }: { conflict: Conflict }) {
  return (
    <div className={classes.evidence}>
      <section>
        <h3>What speaks for it</h3>
        <ul>
          {evidence.map(({ kind, value }) => (
            <li key={`${kind} ${value}`}>
              {EVIDENCE[kind]}: <code>{value}</code>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3>What speaks against it</h3>
        {against.length === 0 ? (
          <span className="dim">nothing</span>
        ) : (
          <ul>
            {against.map(kind => (
              <li key={kind}>{AGAINST[kind]}</li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
