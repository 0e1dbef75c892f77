// What can be done about a connection: a look at once, changes, switching it off and on, removing it.
import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { Connection } from '~/api/types';
import { say } from '~/notices/toasts';
import { FormProblem } from '../access/FormProblem';
import { RemoveConnection } from './RemoveConnection';
import { put, useConnectionChange } from './useConnectionChange';
import classes from './Connections.module.css';

export function ConnectionActions({ connection }: { connection: Connection }) {
  const { id, name, enabled } = connection;
  const navigate = useNavigate();
  const test = useConnectionChange(() =>
    unwrap(`to look through ${name}`, api.POST('/api/connections/{id}/test', { params: { path: { id } } })),
  );
  const toggle = useConnectionChange(
    () => put(connection, { enabled: !enabled }),
    () => {
      say({ kind: 'done', text: enabled ? `${name} is switched off.` : `${name} is switched on.` });
    },
  );
  return (
    <>
      <div className={classes.actions}>
        <Button
          size="xs"
          loading={test.isPending}
          disabled={!enabled}
          onClick={() => {
            test.mutate();
          }}
        >
          Test now
        </Button>
        <Button size="xs" variant="default" component={Link} to="/connections/$id/edit" params={{ id } as never}>
          Edit
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={toggle.isPending}
          {...(enabled && { 'data-tip': 'Its resources stay, and turn stale.' })}
          onClick={() => {
            toggle.mutate();
          }}
        >
          {enabled ? 'Switch off' : 'Switch on'}
        </Button>
        <RemoveConnection connection={connection} onRemoved={() => void navigate({ to: '/connections' })} />
      </div>
      {test.isSuccess && (
        <span role="status" className="dim">
          Looked; what it found stands below.
        </span>
      )}
      <FormProblem error={test.error ?? toggle.error} />
    </>
  );
}
