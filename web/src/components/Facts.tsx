// A list of terms and what they are. Terms without a value are left out; a fact that is unknown says so itself.
import type { ReactNode } from 'react';
import classes from './Facts.module.css';

export type Fact = { term: string; value: ReactNode };

/** Whether there is anything to say. */
export function isPresent({ value }: Fact): boolean {
  return value !== null && value !== undefined && value !== '' && value !== false;
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  const present = facts.filter(isPresent);
  return (
    <dl className={classes.facts}>
      {present.map(({ term, value }) => (
        <div key={term} className={classes.fact}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
