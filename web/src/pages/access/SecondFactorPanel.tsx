// Whether signing in asks for a code, and switching that on or off.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { SecondFactorState } from '~/api/types';
import { formField } from '~/components/formField';
import { formatTime, toMillis } from '~/format/time';
import { FormProblem } from './FormProblem';
import { RecoveryCodes } from './RecoveryCodes';
import { SecondFactorSetup } from './SecondFactorSetup';
import { useChange } from './useChange';
import classes from './Access.module.css';

export function SecondFactorPanel({ state }: { state: SecondFactorState }) {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  if (codes) {
    return (
      <RecoveryCodes
        codes={codes}
        onDone={() => {
          setCodes(null);
        }}
      />
    );
  }
  return state.enabledAt ? <Enabled state={state} /> : <SecondFactorSetup onConfirmed={setCodes} />;
}

function Enabled({ state: { enabledAt, recoveryCodesLeft } }: { state: SecondFactorState }) {
  const disable = useChange((body: { currentPassword: string; code: string }) =>
    unwrap('to disable the second factor', api.POST('/api/account/second-factor/disable', { body })),
  );
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    disable.mutate({ currentPassword: formField(form, 'password'), code: formField(form, 'code') });
  };
  return (
    <form className={classes.stack} method="post" onSubmit={submit} aria-label="Disable the second factor">
      <p>
        Signing in asks for a code since {formatTime(toMillis(enabledAt) ?? 0)}. {recoveryCodesLeft} recovery codes are
        left.
      </p>
      <PasswordInput label="Password" name="password" autoComplete="current-password" required />
      <TextInput label="Code" description="From the authenticator, or a recovery code." name="code" required />
      <FormProblem error={disable.error} />
      <Button type="submit" variant="default" loading={disable.isPending}>
        Disable second factor
      </Button>
    </form>
  );
}
