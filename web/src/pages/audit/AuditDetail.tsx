// One row in full: what was changed, what else it tells, and its place in the chain.
import { Drawer } from '@mantine/core';
import type { AuditRow } from '~/api/types';
import { Facts, type Fact } from '~/components/Facts';
import { formatTime } from '~/format/time';
import { Outcome } from './AuditTable';
import { changesOf, factsOf, type Change } from './changes';
import classes from './Audit.module.css';

type Props = { row: AuditRow | null; onClose: () => void };

export function AuditDetail({ row, onClose }: Props) {
  return (
    <Drawer opened={row !== null} onClose={onClose} position="right" size="lg" title={row?.action ?? ''}>
      {row && <Row row={row} />}
    </Drawer>
  );
}

function Row({ row }: { row: AuditRow }) {
  const changes = changesOf(row.detail);
  const facts: Fact[] = [
    { term: 'When', value: formatTime(Date.parse(row.at)) },
    { term: 'Actor', value: row.actor },
    { term: 'Target', value: row.target },
    { term: 'From', value: row.remoteAddr },
    { term: 'Request', value: row.requestId },
    ...factsOf(row.detail).map(([term, value]) => ({ term, value })),
    { term: 'Place', value: `${row.stream}, segment ${row.segment}, row ${row.sequence}` },
    { term: 'SHA-256', value: row.digest ?? 'none: the row was not written through the log' },
  ];
  return (
    <div className={classes.detail}>
      <Outcome row={row} />
      {changes.length > 0 && <Changes changes={changes} />}
      <Facts facts={facts} />
    </div>
  );
}

function Changes({ changes }: { changes: readonly Change[] }) {
  return (
    <table className={classes.changes}>
      <thead>
        <tr>
          <th scope="col">Changed</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ field, before, after }) => (
          <tr key={field}>
            <th scope="row">{field}</th>
            <td>{before === null ? <span className="dim">absent</span> : <del>{before}</del>}</td>
            <td>{after === null ? <span className="dim">removed</span> : <ins>{after}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
