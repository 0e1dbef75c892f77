// Name and password of the first administrator.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { LONGEST_NAME, readCredentials, SHORTEST_PASSWORD, type Credentials } from './credentials';
import { FormProblem } from './FormProblem';
import classes from './AccessFrame.module.css';

type Props = { onSubmit: (credentials: Credentials) => void; pending: boolean; error: unknown };

export function SetupForm({ onSubmit, pending, error }: Props) {
  return (
    <form
      className={classes.form}
      method="post"
      onSubmit={event => {
        event.preventDefault();
        onSubmit(readCredentials(event.currentTarget));
      }}
    >
      <TextInput
        label="Name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={LONGEST_NAME}
        required
        autoFocus
      />
      <PasswordInput
        label="Password"
        description={`At least ${SHORTEST_PASSWORD} characters.`}
        name="password"
        autoComplete="new-password"
        minLength={SHORTEST_PASSWORD}
        required
      />
      <FormProblem error={error} />
      <Button type="submit" size="md" loading={pending}>
        Create administrator
      </Button>
    </form>
  );
}
