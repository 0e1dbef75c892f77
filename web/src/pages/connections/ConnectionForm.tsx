// The guided form of a connection: platform, addresses, credentials, a check, and what it is called. The secret stands in its
// field and nowhere else: it is read when something is sent, and goes with the form.
import { Button } from '@mantine/core';
import { useRef, useState, type SubmitEvent } from 'react';
import { problemCode } from '~/api/problem';
import type { Connection } from '~/api/types';
import { formField } from '~/components/formField';
import { say } from '~/notices/toasts';
import { FormProblem } from '../access/FormProblem';
import { AddressStep } from './AddressStep';
import { CheckStep } from './CheckStep';
import { CredentialStep } from './CredentialStep';
import { draftOf, EMPTY, needsSecret, type Draft } from './draft';
import { NameStep } from './NameStep';
import { OptionsStep } from './OptionsStep';
import { PlatformStep } from './PlatformStep';
import { askWho, askWith, save } from './send';
import { useConnectionChange } from './useConnectionChange';
import { useMayProbe } from './useMayEdit';
import { useProbe } from './useProbe';
import classes from './Connections.module.css';

type Props = {
  /** The one to change; without it another one is made. */
  connection?: Connection;
  onSaved: (saved: Connection) => void;
};

/** How far somebody has come: the steps after that are not there yet. */
type Reached = 'addresses' | 'credentials' | 'name';

/** What a change of these makes of an answer: it was about something else. */
const ASKED_ABOUT: readonly (keyof Draft)[] = ['addresses', 'method', 'login', 'pins'];

export function ConnectionForm({ connection, onSaved }: Props) {
  const mayProbe = useMayProbe();
  const form = useRef<HTMLFormElement>(null);
  const [based] = useState(connection);
  const [draft, setDraft] = useState<Draft>(based ? draftOf(based) : EMPTY);
  const [reached, setReached] = useState<Reached>(based || !mayProbe ? 'name' : 'addresses');
  const who = useProbe();
  const check = useProbe();
  const secret = () => (form.current ? formField(form.current, 'secret') : '');
  const saving = useConnectionChange(
    () => save(based, draft, secret()),
    saved => {
      form.current?.reset();
      say({ kind: 'done', text: based ? `${saved.name} is changed.` : `${saved.name} is connected.` });
      onSaved(saved);
    },
  );
  const change = (part: Partial<Draft>) => {
    setDraft(before => ({ ...before, ...part }));
    if ('addresses' in part) who.reset();
    if (ASKED_ABOUT.some(key => key in part)) check.reset();
  };
  const demanded = [saving.error, check.error].some(error => problemCode(error) === 'secret_required');
  const mustGive = based === undefined || demanded || needsSecret(based, draft);

  const lookWho = () => {
    who.mutate(() => askWho(based, draft), {
      onSuccess: () => {
        setReached(before => (before === 'addresses' ? 'credentials' : before));
      },
    });
  };
  const tryOut = () => {
    if (!form.current?.reportValidity()) return;
    check.mutate(() => askWith(based, draft, secret()), {
      onSuccess: ({ cluster, nodes }) => {
        setReached('name');
        setDraft(before => (before.name === '' ? { ...before, name: cluster ?? nodes[0] ?? '' } : before));
      },
    });
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (reached === 'addresses') lookWho();
    else if (reached === 'credentials') tryOut();
    else saving.mutate();
  };
  return (
    <form
      ref={form}
      className={classes.steps}
      method="post"
      autoComplete="off"
      aria-label={based ? 'Change the connection' : 'Add a connection'}
      onSubmit={submit}
    >
      <PlatformStep platform={based?.platform} />
      <AddressStep draft={draft} onChange={change} probe={who} problem={saving.error} onAsk={lookWho} />
      {reached !== 'addresses' && (
        <CredentialStep
          draft={draft}
          onChange={change}
          onSecret={check.reset}
          mustGive={mustGive}
          isNew={based === undefined}
          problem={saving.error ?? check.error}
        />
      )}
      {reached !== 'addresses' && <CheckStep draft={draft} probe={check} onAsk={tryOut} />}
      {reached === 'name' && (
        <>
          <NameStep draft={draft} onChange={change} problem={saving.error} />
          {draft.options && (
            <OptionsStep
              options={draft.options}
              problem={saving.error}
              onChange={options => {
                change({ options });
              }}
            />
          )}
          <div className={classes.finish}>
            <FormProblem error={saving.error} />
            <Button type="submit" loading={saving.isPending}>
              {based ? 'Save' : 'Connect'}
            </Button>
          </div>
        </>
      )}
    </form>
  );
}
