// A secret that the server shows once: with a button that copies it, and a word that it will not come again.
import { Button, CopyButton } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Access.module.css';

type Props = { title: string; secret: string; children?: ReactNode; onDone: () => void };

export function OneTimeSecret({ title, secret, children, onDone }: Props) {
  return (
    <section className={classes.secret} role="status" aria-label={title}>
      <strong>{title}</strong>
      <p>It is shown this once. Copy it to where it is needed, or to a safe place.</p>
      {children ?? (
        <div className={classes.secretLine}>
          <code>{secret}</code>
        </div>
      )}
      <div className={classes.buttons}>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button size="xs" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button size="xs" variant="default" onClick={onDone}>
          Done
        </Button>
      </div>
    </section>
  );
}
