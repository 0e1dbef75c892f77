// The frame of the two pages that nobody is signed in on.
import type { ReactNode } from 'react';
import { Mark } from '~/shell/Mark';
import classes from './AccessFrame.module.css';

type Props = { title: string; intro?: ReactNode; children: ReactNode };

export function AccessFrame({ title, intro, children }: Props) {
  return (
    <main className={classes.frame}>
      <div className={classes.card}>
        <header className={classes.header}>
          <Mark size={32} />
          <h1>{title}</h1>
        </header>
        {intro && <p className={classes.intro}>{intro}</p>}
        {children}
      </div>
    </main>
  );
}
