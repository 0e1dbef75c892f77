// Gives a token another secret, or ends it.
import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { CreatedToken, Token } from '~/api/types';
import { ConfirmButton } from './ConfirmButton';
import { OVERLAPS } from './spans';
import { useChange } from './useChange';
import classes from './Access.module.css';

type Props = { token: Token; onSecret: (created: CreatedToken) => void };

export function TokenActions({ token, onSecret }: Props) {
  const [overlap, setOverlap] = useState('86400');
  const params = { path: { id: token.id } };
  const rotate = useChange(
    (overlapSeconds: number) =>
      unwrap('to rotate the token', api.POST('/api/tokens/{id}/rotate', { params, body: { overlapSeconds } })),
    onSecret,
  );
  const revoke = useChange(() => unwrap('to revoke the token', api.DELETE('/api/tokens/{id}', { params })));
  return (
    <div className={classes.buttons}>
      <ConfirmButton
        label={`Rotate ${token.name}`}
        short="Rotate"
        onConfirm={() => rotate.mutateAsync(Number(overlap))}
        pending={rotate.isPending}
        error={rotate.error}
      >
        <p>The token gets another secret, which is shown once. The secret until now works on for a while.</p>
        <NativeSelect
          label="The old secret works on for"
          data={OVERLAPS}
          value={overlap}
          onChange={event => {
            setOverlap(event.currentTarget.value);
          }}
        />
      </ConfirmButton>
      <ConfirmButton
        label={`Revoke ${token.name}`}
        short="Revoke"
        onConfirm={() => revoke.mutateAsync(undefined)}
        pending={revoke.isPending}
        error={revoke.error}
      >
        <p>Whatever uses {token.name} is refused at once. This cannot be taken back.</p>
      </ConfirmButton>
    </div>
  );
}
