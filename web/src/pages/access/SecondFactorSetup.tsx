// Sets up a second factor in two steps: the password gives a secret, and the first code confirms it.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { SecondFactorOffer } from '~/api/types';
import { formField } from '~/components/formField';
import { FormProblem } from './FormProblem';
import { useChange } from './useChange';
import classes from './Access.module.css';

type Props = { onConfirmed: (codes: readonly string[]) => void };

export function SecondFactorSetup({ onConfirmed }: Props) {
  const [offer, setOffer] = useState<SecondFactorOffer | null>(null);
  return offer ? <Confirm offer={offer} onConfirmed={onConfirmed} /> : <Begin onOffer={setOffer} />;
}

function Begin({ onOffer }: { onOffer: (offer: SecondFactorOffer) => void }) {
  const begin = useChange(
    (currentPassword: string) =>
      unwrap('to set up a second factor', api.POST('/api/account/second-factor', { body: { currentPassword } })),
    onOffer,
  );
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    begin.mutate(formField(event.currentTarget, 'password'));
  };
  return (
    <form className={classes.stack} method="post" onSubmit={submit} aria-label="Set up a second factor">
      <p>Signing in asks for the password alone. With an authenticator on your phone it also asks for a code.</p>
      <PasswordInput label="Password" name="password" autoComplete="current-password" required />
      <FormProblem error={begin.error} />
      <Button type="submit" loading={begin.isPending}>
        Set up
      </Button>
    </form>
  );
}

function Confirm({ offer, onConfirmed }: { offer: SecondFactorOffer } & Props) {
  const confirm = useChange(
    (code: string) => unwrap('to confirm the second factor', api.PUT('/api/account/second-factor', { body: { code } })),
    ({ codes }) => {
      onConfirmed(codes);
    },
  );
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    confirm.mutate(formField(event.currentTarget, 'code'));
  };
  const { size, path } = offer.qr;
  return (
    <form className={classes.stack} method="post" onSubmit={submit} aria-label="Confirm the second factor">
      <p>Photograph this with your authenticator, or type the secret into it.</p>
      <svg
        className={classes.qr}
        viewBox={`0 0 ${size} ${size}`}
        shapeRendering="crispEdges"
        role="img"
        aria-label="The secret as a QR code"
      >
        <path d={path} fill="currentColor" />
      </svg>
      <p>
        <code>{offer.secret}</code>
      </p>
      <TextInput
        label="Code"
        description="The six digits that the authenticator shows now."
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
      />
      <FormProblem error={confirm.error} />
      <Button type="submit" loading={confirm.isPending}>
        Confirm
      </Button>
    </form>
  );
}
