// One step of the guided form, with its number.
import type { ReactNode } from 'react';
import { Panel } from '~/components/Panel';
import classes from './Connections.module.css';

type Props = { number: number; title: string; children: ReactNode };

export function Step({ number, title, children }: Props) {
  return (
    <Panel title={`${number}. ${title}`}>
      <div className={classes.stack}>{children}</div>
    </Panel>
  );
}
