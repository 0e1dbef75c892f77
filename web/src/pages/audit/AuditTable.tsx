// The rows: when, who, what, to what, and how it ended. A row opens in full.
import { UnstyledButton } from '@mantine/core';
import type { AuditRow } from '~/api/types';
import { formatMoment } from '~/format/time';
import { formatCount } from '~/format/units';
import classes from './Audit.module.css';

type Props = { rows: readonly AuditRow[]; onOpen: (id: string) => void };

export function AuditTable({ rows, onOpen }: Props) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Action</th>
          <th scope="col">Actor</th>
          <th scope="col" data-optional>
            Target
          </th>
          <th scope="col">Outcome</th>
          <th scope="col" data-optional>
            From
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={row.id}>
            <td>
              <time dateTime={row.at} data-tip-time={Date.parse(row.at)}>
                {formatMoment(Date.parse(row.at))}
              </time>
            </td>
            <th scope="row">
              <UnstyledButton
                className={classes.opener}
                onClick={() => {
                  onOpen(row.id);
                }}
              >
                {row.action}
              </UnstyledButton>
            </th>
            <td>{row.actor}</td>
            <td data-optional>{row.target}</td>
            <td>
              <Outcome row={row} />
            </td>
            <td data-optional>{row.remoteAddr}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Outcome({ row: { outcome, occurrences } }: { row: AuditRow }) {
  return (
    <span className={classes.outcome} data-refused={outcome !== 'ok'}>
      {outcome === 'ok' ? 'done' : outcome.replaceAll('_', ' ')}
      {occurrences > 1 && ` × ${formatCount(occurrences)}`}
    </span>
  );
}
