// What is not well, worst first, with why it is taken to be so and when it was last seen.
import { Link } from '@tanstack/react-router';
import type { Overview } from '~/api/types';
import { Age } from '~/components/Age';
import { Panel } from '~/components/Panel';
import { StatusMark } from '~/components/StatusMark';
import { toMillis } from '~/format/time';
import { counted, formatCount } from '~/format/units';
import { KIND, TROUBLE_CAUSE } from '~/strings/labels';
import classes from './Overview.module.css';

export function WorstPanel({ overview: { worst, worstTotal } }: { overview: Overview }) {
  const all = (
    <Link to="/infrastructure" search={{ view: 'all', status: 'offline,unknown,warning' }}>
      All {formatCount(worstTotal)}
    </Link>
  );
  return (
    <Panel title="Not well" aside={worst.length > 0 && all} flush>
      {worst.length === 0 && <p className={classes.none}>Nothing reports trouble.</p>}
      <ul className={classes.list}>
        {worst.map(({ id, name, kind, status, cause, parentName, lastSeen, silentParts }) => (
          <li key={id} className={classes.line}>
            <StatusMark status={status} />
            <span className={classes.what}>
              <Link to="/resources/$id" params={{ id }}>
                {name}
              </Link>{' '}
              <span className="dim">
                {KIND[kind].one}
                {parentName && ` of ${parentName}`}, {TROUBLE_CAUSE[cause]}
                {silentParts > 0 && ` and ${counted(silentParts, 'part', 'parts')} of it with them`}
              </span>
            </span>
            <span className={classes.when}>
              <Age time={toMillis(lastSeen)} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
