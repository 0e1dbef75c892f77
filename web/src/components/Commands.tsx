// Commands to copy and run elsewhere.
import { Button, CopyButton } from '@mantine/core';
import classes from './Commands.module.css';

type Props = { what: string; lines: readonly string[] };

export function Commands({ what, lines }: Props) {
  return (
    <figure className={classes.commands}>
      <figcaption>
        {what}
        <CopyButton value={`${lines.join('\n')}\n`}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy} aria-label={`Copy: ${what}`}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </figcaption>
      <pre tabIndex={0} aria-label={what} role="region">
        {lines.join('\n')}
      </pre>
    </figure>
  );
}
