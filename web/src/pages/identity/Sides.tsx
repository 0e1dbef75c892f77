// Two resources side by side, with what differs marked by colour, sign and word.
import { Link } from '@tanstack/react-router';
import type { Resource } from '~/api/types';
import { StatusMark } from '~/components/StatusMark';
import { useSourceName } from '~/components/sourceNames';
import { KIND } from '~/strings/labels';
import classes from './Identity.module.css';
import { compareSides, type Agreement, type SideRow } from './sides';

const AGREEMENT: Record<Agreement, string> = {
  same: 'the same',
  partly: 'partly the same',
  different: 'different',
  'one-sided': 'known of one only',
};

export function Sides({ first, second }: { first: Resource; second: Resource }) {
  return (
    <table className={classes.sides}>
      <thead>
        <tr>
          <td />
          <SideHead resource={first} />
          <SideHead resource={second} />
        </tr>
      </thead>
      <tbody>
        {compareSides(first, second).map(row => (
          <Row key={row.term} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function SideHead({ resource: { id, kind, canonicalIdentity, status, sources } }: { resource: Resource }) {
  const nameOf = useSourceName();
  return (
    <th scope="col">
      <Link to="/resources/$id" params={{ id }}>
        {canonicalIdentity.displayName}
      </Link>{' '}
      <StatusMark status={status} />
      <div className="dim">
        {KIND[kind].one}, {sources.map(({ source }) => nameOf(source)).join(', ')}
      </div>
    </th>
  );
}

function Row({ row: { term, first, second, agreement } }: { row: SideRow }) {
  return (
    <tr data-agreement={agreement}>
      <th scope="row">
        {term}
        <div className={classes.agreement}>{AGREEMENT[agreement]}</div>
      </th>
      <td>{first.length > 0 ? first.join(', ') : <span className="dim">not told</span>}</td>
      <td>{second.length > 0 ? second.join(', ') : <span className="dim">not told</span>}</td>
    </tr>
  );
}
