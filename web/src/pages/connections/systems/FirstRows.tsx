// The first of many rows, and more of them on demand: thousands at once would make the page slow.
import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { formatCount } from '~/format/units';
import classes from '../Connections.module.css';

const STEP = 200;

type Props<Row> = { rows: readonly Row[]; children: (shown: readonly Row[]) => ReactNode };

export function FirstRows<Row>({ rows, children }: Props<Row>) {
  const [most, setMost] = useState(STEP);
  const left = rows.length - most;
  return (
    <>
      {children(left > 0 ? rows.slice(0, most) : rows)}
      {left > 0 && (
        <div className={classes.more}>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              setMost(before => before + STEP);
            }}
          >
            Show more
          </Button>
          <span className="dim">{formatCount(left)} are left</span>
        </div>
      )}
    </>
  );
}
