// A table of a resource's own things in a panel of its own. Nothing where there is nothing: that is no fault.
import type { ReactNode } from 'react';
import { Heads } from '~/components/Heads';
import { Panel } from '~/components/Panel';
import { formatCount } from '~/format/units';
import classes from './ResourceView.module.css';

/** From this column on, columns are left out on small screens. */
const SHOWN_ON_SMALL_SCREENS = 3;

type Props = {
  title: string;
  heads: readonly string[];
  /** What stands beside the title; how many there are, unless said otherwise. */
  aside?: ReactNode;
  children: readonly ReactNode[];
};

export function Listed({ title, heads, aside, children }: Props) {
  if (children.length === 0) return null;
  return (
    <Panel title={title} aside={aside ?? formatCount(children.length)} flush>
      <table className={classes.table}>
        <Heads heads={heads.map((title, index) => ({ title, optional: index >= SHOWN_ON_SMALL_SCREENS }))} />
        <tbody>{children}</tbody>
      </table>
    </Panel>
  );
}
