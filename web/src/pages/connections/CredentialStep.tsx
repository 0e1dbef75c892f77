// Who we are on the platform, with the commands that make such a user with no more rights than needed.
import { NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { partProblem } from '~/api/problem';
import { authOf, type Draft } from './draft';
import { GrantHelp } from './GrantHelp';
import { Step } from './Step';

type Props = {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
  /** Something was written into the field of the secret; what, nobody needs to know yet. */
  onSecret: () => void;
  mustGive: boolean;
  isNew: boolean;
  problem: unknown;
};

const METHODS = [
  { value: 'token', label: 'API token' },
  { value: 'password', label: 'User and password' },
] as const;

const LOGIN = {
  token: { label: 'Token', description: 'User, realm and name of the token', example: 'monitor@pve!muster' },
  password: { label: 'User', description: 'User and realm', example: 'monitor@pve' },
} as const;

const KEPT = 'Empty keeps the stored one.';
const AGAIN = 'It must be given again: the stored one is for other addresses, certificates or another user.';
const NEW =
  'It is stored encrypted and never shown again. A file:/path or env:NAME reference works where the configuration allows it.';

export function CredentialStep({ draft, onChange, onSecret, mustGive, isNew, problem }: Props) {
  const { method, login } = draft;
  const { label, description, example } = LOGIN[method];
  const wrong = login !== '' && !authOf(draft) ? `Write it as ${example}.` : undefined;
  return (
    <Step number={3} title="Credentials">
      <NativeSelect
        label="Method"
        name="method"
        description="A token can be taken back by itself, and a second factor does not stand in its way."
        data={[...METHODS]}
        value={method}
        onChange={event => {
          const chosen = METHODS.find(({ value }) => value === event.currentTarget.value);
          if (chosen) onChange({ method: chosen.value, login: LOGIN[chosen.value].example });
        }}
      />
      <TextInput
        label={label}
        name="login"
        description={description}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={login}
        error={wrong ?? partProblem(problem, '/auth')}
        onChange={event => {
          onChange({ login: event.currentTarget.value });
        }}
      />
      <GrantHelp draft={draft} />
      <PasswordInput
        label={method === 'token' ? 'Secret of the token' : 'Password'}
        name="secret"
        description={isNew ? NEW : mustGive ? AGAIN : KEPT}
        autoComplete="new-password"
        required={mustGive}
        error={partProblem(problem, '/secret')}
        onChange={onSecret}
      />
    </Step>
  );
}
