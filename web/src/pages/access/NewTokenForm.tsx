// Creates a token: the scopes of a role, or scopes one by one.
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { CreatedToken, NewToken } from '~/api/types';
import { formField } from '~/components/formField';
import { clock } from '~/time/clock';
import { LONGEST_NAME } from './credentials';
import { FormProblem } from './FormProblem';
import { ROLES, SCOPE_TEXT, SCOPES } from './roles';
import { endsAt, LIFETIMES } from './spans';
import { useChange } from './useChange';
import classes from './Access.module.css';

const CHOSEN = 'scopes one by one';

function readToken(form: HTMLFormElement, now: number): NewToken {
  const token = { name: formField(form, 'name').trim(), expiresAt: endsAt(formField(form, 'lifetime'), now) };
  const role = ROLES.find(name => name === formField(form, 'role'));
  if (role) return { ...token, role };
  const chosen = new Set(new FormData(form).getAll('scope'));
  return { ...token, scopes: SCOPES.filter(scope => chosen.has(scope)) };
}

export function NewTokenForm({ onCreated }: { onCreated: (created: CreatedToken) => void }) {
  const [role, setRole] = useState<string>('viewer');
  const create = useChange(
    (body: NewToken) => unwrap('to create the token', api.POST('/api/tokens', { body })),
    onCreated,
  );
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    create.mutate(readToken(form, clock.now()), {
      onSuccess: () => {
        form.reset();
        setRole('viewer');
      },
    });
  };
  return (
    <form className={classes.form} onSubmit={submit} aria-label="Create a token">
      <TextInput label="Name" name="name" autoComplete="off" maxLength={LONGEST_NAME} required />
      <NativeSelect
        label="Allows"
        name="role"
        data={[...ROLES, CHOSEN]}
        value={role}
        onChange={event => {
          setRole(event.currentTarget.value);
        }}
      />
      <NativeSelect label="Lives for" name="lifetime" data={LIFETIMES} defaultValue="7776000" />
      {role === CHOSEN && (
        <fieldset className={classes.choices}>
          <legend>Scopes</legend>
          {SCOPES.map(scope => (
            <Checkbox key={scope} name="scope" value={scope} label={SCOPE_TEXT[scope]} description={scope} />
          ))}
        </fieldset>
      )}
      <Button type="submit" loading={create.isPending}>
        Create token
      </Button>
      <FormProblem error={create.error} />
    </form>
  );
}
