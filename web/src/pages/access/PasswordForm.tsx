// Changes one's own password; every session ends but the one that this browser gets anew.
import { Button, PasswordInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { SubmitEvent } from 'react';
import { api, rememberCsrfToken } from '~/api/client';
import { unwrap } from '~/api/problem';
import { sessionQuery } from '~/api/queries';
import { formField } from '~/components/formField';
import { SHORTEST_PASSWORD } from './credentials';
import { FormProblem } from './FormProblem';
import { useChange } from './useChange';
import classes from './Access.module.css';

type Passwords = { currentPassword: string; newPassword: string };

export function PasswordForm() {
  const queries = useQueryClient();
  const change = useChange(
    (body: Passwords) => unwrap('to change the password', api.PUT('/api/account/password', { body })),
    session => {
      rememberCsrfToken(session.csrfToken ?? null);
      queries.setQueryData(sessionQuery.queryKey, session);
    },
  );
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const passwords = { currentPassword: formField(form, 'current'), newPassword: formField(form, 'new') };
    change.mutate(passwords, {
      onSuccess: () => {
        form.reset();
      },
    });
  };
  return (
    <form className={classes.stack} method="post" onSubmit={submit} aria-label="Change the password">
      <PasswordInput label="Password until now" name="current" autoComplete="current-password" required />
      <PasswordInput
        label="New password"
        description={`At least ${SHORTEST_PASSWORD} characters. Your other sessions end.`}
        name="new"
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        required
      />
      <FormProblem error={change.error} />
      {change.isSuccess && <p role="status">The password is changed, and your other sessions have ended.</p>}
      <Button type="submit" loading={change.isPending}>
        Change password
      </Button>
    </form>
  );
}
