// Creates a user with a password.
import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import type { SubmitEvent } from 'react';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { NewUser } from '~/api/types';
import { formField } from '~/components/formField';
import { LONGEST_NAME, SHORTEST_PASSWORD } from './credentials';
import { FormProblem } from './FormProblem';
import { ROLES } from './roles';
import { useChange } from './useChange';
import classes from './Access.module.css';

export function NewUserForm() {
  const create = useChange((body: NewUser) => unwrap('to create the user', api.POST('/api/users', { body })));
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const role = ROLES.find(name => name === formField(form, 'role')) ?? 'viewer';
    const user = { name: formField(form, 'name').trim(), password: formField(form, 'password'), role };
    create.mutate(user, {
      onSuccess: () => {
        form.reset();
      },
    });
  };
  return (
    <form className={classes.form} method="post" onSubmit={submit} aria-label="Create a user">
      <TextInput label="Name" name="name" autoComplete="off" maxLength={LONGEST_NAME} required />
      <PasswordInput
        label="Password"
        name="password"
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        required
      />
      <NativeSelect label="Role" name="role" data={[...ROLES]} defaultValue="viewer" />
      <Button type="submit" loading={create.isPending}>
        Create user
      </Button>
      <FormProblem error={create.error} />
    </form>
  );
}
