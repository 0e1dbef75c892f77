// A titled section of a page.
import { useId, type ReactNode } from 'react';
import classes from './Panel.module.css';

type Props = { title: string; aside?: ReactNode; children: ReactNode; flush?: boolean };

export function Panel({ title, aside, children, flush = false }: Props) {
  const heading = useId();
  return (
    <section className={classes.panel} aria-labelledby={heading}>
      <header className={classes.header}>
        <h2 id={heading}>{title}</h2>
        {aside && <div className={classes.aside}>{aside}</div>}
      </header>
      <div className={flush ? undefined : classes.body}>{children}</div>
    </section>
  );
}
