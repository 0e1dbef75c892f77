// The estate in one sentence, and how many things are how: what is wrong first. Each number leads to its things.
import { Link } from '@tanstack/react-router';
import type { Overview, Status } from '~/api/types';
import { Age } from '~/components/Age';
import { StatusMark } from '~/components/StatusMark';
import { toMillis } from '~/format/time';
import { formatCount } from '~/format/units';
import { STATUS } from '~/strings/labels';
import { verdict } from './verdict';
import classes from './Overview.module.css';

const WORST_FIRST: readonly Status[] = ['offline', 'warning', 'unknown', 'online'];

export function Health({ overview, failing }: { overview: Overview; failing: number }) {
  const { status, title, more } = verdict(overview, failing);
  return (
    <section className={classes.health} aria-label="Health" data-status={status}>
      <div className={classes.verdict}>
        <StatusMark status={status} text={title} />
        <span className="dim">
          {more} Last change to the picture <Age time={toMillis(overview.updatedAt)} />.
        </span>
      </div>
      <ul className={classes.counts}>
        {WORST_FIRST.map(each => (
          <Count key={each} status={each} count={overview.byStatus[each] ?? 0} />
        ))}
      </ul>
    </section>
  );
}

function Count({ status, count }: { status: Status; count: number }) {
  return (
    <li data-status={status} data-any={count > 0}>
      <Link to="/infrastructure" search={{ view: 'all', status }} className={classes.count}>
        <strong>{formatCount(count)}</strong>
        <span>{STATUS[status]}</span>
      </Link>
    </li>
  );
}
