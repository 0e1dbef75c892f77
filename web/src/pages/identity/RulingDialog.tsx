// A button that asks what is really meant: says in words what will happen, and takes a note on why.
import { Button, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type ReactNode, type SubmitEvent } from 'react';
import { fieldProblem } from '~/api/problem';
import { FormProblem } from '../access/FormProblem';
import frame from '../connections/Connections.module.css';
import { MOST_NOTE } from './note';

type Props = {
  /** Says it all, such as `Join web1 and web2`. */
  label: string;
  /** What stands on the small button. */
  short: string;
  /** What is chosen and what will happen. */
  children: ReactNode;
  /** Why it cannot be done yet. */
  lacks?: string | undefined;
  pending: boolean;
  error: unknown;
  onRule: (note: string | null) => Promise<unknown>;
};

export function RulingDialog({ label, short, ...form }: Props) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button size="xs" variant="default" onClick={open} aria-label={label}>
        {short}
      </Button>
      <Modal opened={opened} onClose={close} title={label} centered size="lg">
        <Form {...form} short={short} onClose={close} />
      </Modal>
    </>
  );
}

type FormProps = Omit<Props, 'label'> & { onClose: () => void };

function Form({ short, children, lacks, pending, error: last, onRule, onClose }: FormProps) {
  const [note, setNote] = useState('');
  // The form is another one each time that it opens: what went wrong before is no answer to it.
  const [tried, setTried] = useState(false);
  const error = tried ? last : null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (lacks !== undefined) return;
    setTried(true);
    onRule(note.trim() || null).then(onClose, () => undefined);
  };
  return (
    <form className={frame.stack} onSubmit={submit}>
      {children}
      <TextInput
        label="Why, for those who come later"
        description="May be left out. Stands on the timeline of both."
        maxLength={MOST_NOTE}
        value={note}
        error={fieldProblem(error, '/note')}
        onChange={event => {
          setNote(event.currentTarget.value);
        }}
      />
      <FormProblem error={error} />
      {lacks !== undefined && <p className="dim">{lacks}</p>}
      <div className={frame.buttons}>
        <Button type="submit" color="red" disabled={lacks !== undefined} loading={pending}>
          {short}
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
