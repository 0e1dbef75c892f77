// The users, each with a button that opens what can be done.
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { User } from '~/api/types';
import { Age } from '~/components/Age';
import { toMillis } from '~/format/time';
import { UserDialog } from './UserDialog';
import classes from './Access.module.css';

export function UserTable({ users }: { users: readonly User[] }) {
  const [opened, setOpened] = useState<string | null>(null);
  const user = users.find(({ id }) => id === opened);
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Signs in with</th>
            <th scope="col" data-optional>
              Last sign-in
            </th>
            <th scope="col">Action</th>
          </tr>
        </thead>
        <tbody>
          {users.map(each => (
            <tr key={each.id}>
              <th scope="row">{each.name}</th>
              <td>{each.role}</td>
              <td>{signsInWith(each)}</td>
              <td data-optional>
                <Age time={toMillis(each.lastSignInAt)} />
              </td>
              <td>
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`Change ${each.name}`}
                  onClick={() => {
                    setOpened(each.id);
                  }}
                >
                  Change
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {user && (
        <UserDialog
          user={user}
          onClose={() => {
            setOpened(null);
          }}
        />
      )}
    </>
  );
}

function signsInWith({ disabledAt, provider, hasSecondFactor }: User): string {
  if (disabledAt) return 'nothing: disabled';
  if (provider) return 'identity provider';
  return hasSecondFactor ? 'password and code' : 'password';
}
