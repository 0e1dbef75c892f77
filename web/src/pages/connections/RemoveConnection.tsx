// Removes a connection, after saying what becomes of its resources and having its name written out.
import { Button, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type SubmitEvent } from 'react';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { Connection } from '~/api/types';
import { counted } from '~/format/units';
import { useResources } from '~/live/LiveContext';
import { say } from '~/notices/toasts';
import { FormProblem } from '../access/FormProblem';
import { seenThrough } from './seenThrough';
import { useConnectionChange } from './useConnectionChange';
import classes from './Connections.module.css';

type Props = { connection: Connection; onRemoved: () => void };

export function RemoveConnection({ connection, onRemoved }: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  const label = `Remove ${connection.name}`;
  return (
    <>
      <Button size="xs" variant="default" onClick={open} aria-label={label}>
        Remove
      </Button>
      <Modal opened={opened} onClose={close} title={label} centered>
        <Confirm connection={connection} onRemoved={onRemoved} onCancel={close} />
      </Modal>
    </>
  );
}

function Confirm({ connection: { id, name, source }, onRemoved, onCancel }: Props & { onCancel: () => void }) {
  const [written, setWritten] = useState('');
  const { alone, shared } = seenThrough(useResources()?.values() ?? [], source);
  const remove = useConnectionChange(
    () => unwrap(`to remove ${name}`, api.DELETE('/api/connections/{id}', { params: { path: { id } } })),
    () => {
      say({ kind: 'done', text: `${name} is removed.` });
      onRemoved();
    },
  );
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (written === name) remove.mutate();
  };
  return (
    <form className={classes.stack} onSubmit={submit}>
      <p>
        {counted(alone, 'resource that only it reports leaves', 'resources that only it reports leave')} the estate;
        their history and their lines on the timeline stay as long as the retention says.
        {shared > 0 && ` ${counted(shared, 'resource stays', 'resources stay')}, since others report them as well.`}
      </p>
      <p>
        The stored secret is destroyed. On the platform, the user and the token stay until you remove them there. A
        connection to the same cluster that is added later finds the same resources again.
      </p>
      <TextInput
        label={
          <>
            To confirm, write <code>{name}</code>
          </>
        }
        autoComplete="off"
        value={written}
        onChange={event => {
          setWritten(event.currentTarget.value);
        }}
      />
      <FormProblem error={remove.error} />
      <div className={classes.buttons}>
        <Button type="submit" color="red" disabled={written !== name} loading={remove.isPending}>
          Remove
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
