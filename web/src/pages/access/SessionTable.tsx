// Browser sessions, newest first.
import { Button } from '@mantine/core';
import type { ActiveSession } from '~/api/types';
import { Age } from '~/components/Age';
import { formatTime, toMillis } from '~/format/time';
import { browserName } from './browserName';
import classes from './Access.module.css';

type Props = { sessions: readonly ActiveSession[]; onEnd?: (id: string) => void };

export function SessionTable({ sessions, onEnd }: Props) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Browser</th>
          <th scope="col">From</th>
          <th scope="col">Last used</th>
          <th scope="col" data-optional>
            Signed in
          </th>
          <th scope="col" data-optional>
            Ends
          </th>
          {onEnd && <th scope="col">Action</th>}
        </tr>
      </thead>
      <tbody>
        {sessions.map(({ id, current, userAgent, remoteAddr, lastUsedAt, createdAt, expiresAt }) => (
          <tr key={id}>
            <th scope="row" title={userAgent ?? undefined}>
              {browserName(userAgent)}
              {current && ' (this one)'}
            </th>
            <td>{remoteAddr ?? 'unknown'}</td>
            <td>
              <Age time={toMillis(lastUsedAt)} />
            </td>
            <td data-optional>
              <Age time={toMillis(createdAt)} />
            </td>
            <td data-optional>{formatTime(toMillis(expiresAt) ?? 0)}</td>
            {onEnd && (
              <td>
                <Button
                  size="compact-sm"
                  variant="default"
                  disabled={current}
                  title={current ? 'Sign out instead.' : undefined}
                  onClick={() => {
                    onEnd(id);
                  }}
                >
                  End
                </Button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
