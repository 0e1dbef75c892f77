// A button for what cannot be taken back: asks once more, in words that say what will happen.
import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import { FormProblem } from './FormProblem';
import classes from './Access.module.css';

type Props = {
  label: string;
  /** What stands on the small button, where `label` alone would be too long. */
  short?: string;
  children: ReactNode;
  onConfirm: () => Promise<unknown>;
  pending: boolean;
  error: unknown;
};

export function ConfirmButton({ label, short, children, onConfirm, pending, error }: Props) {
  const [tried, setTried] = useState(false);
  // What went wrong the last time is no answer to what is asked now.
  const [opened, { open, close }] = useDisclosure(false, {
    onOpen: () => {
      setTried(false);
    },
  });
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open} aria-label={label}>
        {short ?? label}
      </Button>
      <Modal opened={opened} onClose={close} title={label} centered>
        <div className={classes.stack}>
          {children}
          <FormProblem error={tried ? error : null} />
          <div className={classes.buttons}>
            <Button
              color="red"
              loading={pending}
              onClick={() => {
                setTried(true);
                onConfirm().then(close, () => undefined);
              }}
            >
              {short ?? label}
            </Button>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
