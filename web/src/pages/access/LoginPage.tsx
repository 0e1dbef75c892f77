// Signing in.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import { AccessFrame } from './AccessFrame';
import { readCredentials, type Credentials } from './credentials';
import { FormProblem } from './FormProblem';
import { useEnter } from './useEnter';
import classes from './AccessFrame.module.css';

const route = getRouteApi('/login');

const logIn = (body: Credentials) => unwrap('to sign in', api.POST('/api/login', { body }));

export function LoginPage() {
  const { next, ended } = route.useSearch();
  const enter = useEnter(logIn, next ?? '/');
  return (
    <AccessFrame title="Sign in to Muster" intro={ended && 'Your session has ended. Sign in to go on where you were.'}>
      <form
        className={classes.form}
        method="post"
        onSubmit={event => {
          event.preventDefault();
          enter.mutate(readCredentials(event.currentTarget));
        }}
      >
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
        />
        <PasswordInput label="Password" name="password" autoComplete="current-password" required />
        <FormProblem error={enter.error} />
        <Button type="submit" size="md" loading={enter.isPending}>
          Sign in
        </Button>
      </form>
    </AccessFrame>
  );
}
