// One row in full: what was changed, what else it tells, and its place in the chain.
import { Drawer } from '@mantine/core';
import type { AuditRow } from '~/api/types';
import { formatTime } from '~/format/time';
import { Outcome } from './AuditTable';
import { changesOf, factsOf, type Change } from './changes';
import classes from './Audit.module.css';

type Props = { row: AuditRow | null; onClose: () => void };

export function AuditDetail({ row, onClose }: Props) {
  return (
    <Drawer
      opened={row !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={row?.action ?? ''}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {row && <Row row={row} />}
    </Drawer>
  );
}

function Row({ row }: { row: AuditRow }) {
  const changes = changesOf(row.detail);
  const facts: [string, string | null][] = [
    ['When', formatTime(Date.parse(row.at))],
    ['Actor', row.actor],
    ['Target', row.target ?? null],
    ['From', row.remoteAddr ?? null],
    ['Request', row.requestId ?? null],
    ...factsOf(row.detail),
    ['Place', `${row.stream}, segment ${String(row.segment)}, row ${String(row.sequence)}`],
    ['SHA-256', row.digest ?? 'none: the row was not written through the log'],
  ];
  return (
    <div className={classes.detail}>
      <Outcome row={row} />
      {changes.length > 0 && <Changes changes={changes} />}
      <dl className={classes.facts}>
        {facts
          .filter(([, value]) => value !== null)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
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
