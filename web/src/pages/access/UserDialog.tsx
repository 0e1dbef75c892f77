// What an administrator can do about one user. Each change ends the user's sessions.
import { Button, Modal, NativeSelect, PasswordInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { SubmitEvent } from 'react';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { Role, User, UserUpdate } from '~/api/types';
import { formField } from '~/components/formField';
import { ConfirmButton } from './ConfirmButton';
import { SHORTEST_PASSWORD } from './credentials';
import { FormProblem } from './FormProblem';
import { Loaded } from './Loaded';
import { userSessionsQuery } from './queries';
import { ROLES } from './roles';
import { SessionTable } from './SessionTable';
import { useChange } from './useChange';
import classes from './Access.module.css';

type Props = { user: User; onClose: () => void };

/** What is null stays. */
const UNCHANGED: UserUpdate = { disabled: null, password: null, role: null };

export function UserDialog({ user, onClose }: Props) {
  const params = { path: { id: user.id } };
  const update = useChange((change: Partial<UserUpdate>) =>
    unwrap(`to change ${user.name}`, api.PATCH('/api/users/{id}', { params, body: { ...UNCHANGED, ...change } })),
  );
  const remove = useChange(() => unwrap(`to remove ${user.name}`, api.DELETE('/api/users/{id}', { params })), onClose);
  const reset = useChange(() =>
    unwrap('to take the second factor away', api.DELETE('/api/users/{id}/second-factor', { params })),
  );
  return (
    <Modal opened onClose={onClose} title={user.name} size="lg" centered>
      <div className={classes.stack}>
        <FormProblem error={update.error} />
        {update.isSuccess && <p role="status">Changed. The user's sessions have ended.</p>}
        {user.provider ? (
          <p>An identity provider keeps this user: the groups there make the role, and there is no password here.</p>
        ) : (
          <>
            <RoleForm
              role={user.role}
              onChange={role => {
                update.mutate({ role });
              }}
            />
            <NewPasswordForm
              onChange={password => {
                update.mutate({ password });
              }}
            />
          </>
        )}
        <UserSessions id={user.id} />
        <div className={classes.buttons}>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              update.mutate({ disabled: !user.disabledAt });
            }}
          >
            {user.disabledAt ? 'Enable' : 'Disable'}
          </Button>
          {user.hasSecondFactor && (
            <ConfirmButton
              label="Reset second factor"
              onConfirm={() => reset.mutateAsync(undefined)}
              pending={reset.isPending}
              error={reset.error}
            >
              <p>Afterwards the password alone signs {user.name} in, until a second factor is set up again.</p>
            </ConfirmButton>
          )}
          <ConfirmButton
            label="Remove user"
            onConfirm={() => remove.mutateAsync(undefined)}
            pending={remove.isPending}
            error={remove.error}
          >
            <p>{user.name} can no longer sign in, and all sessions end. What the user did stays in the audit log.</p>
          </ConfirmButton>
        </div>
      </div>
    </Modal>
  );
}

function RoleForm({ role, onChange }: { role: Role; onChange: (role: Role) => void }) {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const chosen = ROLES.find(name => name === formField(event.currentTarget, 'role'));
    if (chosen) onChange(chosen);
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <NativeSelect label="Role" name="role" data={[...ROLES]} defaultValue={role} />
      <Button type="submit" variant="default">
        Change role
      </Button>
    </form>
  );
}

function NewPasswordForm({ onChange }: { onChange: (password: string) => void }) {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    onChange(formField(event.currentTarget, 'password'));
    event.currentTarget.reset();
  };
  return (
    <form className={classes.form} method="post" onSubmit={submit}>
      <PasswordInput
        label="New password"
        name="password"
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        required
      />
      <Button type="submit" variant="default">
        Set password
      </Button>
    </form>
  );
}

function UserSessions({ id }: { id: string }) {
  const sessions = useQuery(userSessionsQuery(id));
  const end = useChange(() =>
    unwrap("to end the user's sessions", api.DELETE('/api/users/{id}/sessions', { params: { path: { id } } })),
  );
  return (
    <Loaded query={sessions} waiting="Loading the user's sessions">
      {items =>
        items.length === 0 ? (
          <p>No session is open.</p>
        ) : (
          <>
            <SessionTable sessions={items} />
            <FormProblem error={end.error} />
            <Button
              size="compact-sm"
              variant="default"
              loading={end.isPending}
              onClick={() => {
                end.mutate(undefined);
              }}
            >
              End all sessions
            </Button>
          </>
        )
      }
    </Loaded>
  );
}
