// How many there are of each kind, and how many of them are not well.
import { Link } from '@tanstack/react-router';
import type { Overview } from '~/api/types';
import { Panel } from '~/components/Panel';
import { formatCount } from '~/format/units';
import { KIND, STATUS } from '~/strings/labels';
import classes from './Overview.module.css';

const NOT_WELL = ['offline', 'warning', 'unknown'] as const;

export function KindsPanel({ kinds }: Pick<Overview, 'kinds'>) {
  return (
    <Panel title="By kind" flush>
      <ul className={classes.list}>
        {kinds.map(({ kind, total, byStatus }) => (
          <li key={kind} className={classes.line}>
            <span className={classes.what}>
              <Link to="/infrastructure" search={{ view: 'all', kind }}>
                {KIND[kind].many}
              </Link>
            </span>
            <span className="dim">
              {NOT_WELL.filter(status => (byStatus[status] ?? 0) > 0)
                .map(status => `${formatCount(byStatus[status] ?? 0)} ${STATUS[status].toLowerCase()}`)
                .join(', ')}
            </span>
            <span className={classes.when}>{formatCount(total)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
