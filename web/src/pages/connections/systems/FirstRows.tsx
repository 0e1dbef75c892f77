// The first of many rows, and more of them on demand: thousands at once would make the page slow.
import { useState, type ReactNode } from 'react';
import { MoreRows } from '~/components/MoreRows';
import { formatCount } from '~/format/units';

const STEP = 200;

type Props<Row> = { rows: readonly Row[]; children: (shown: readonly Row[]) => ReactNode };

export function FirstRows<Row>({ rows, children }: Props<Row>) {
  const [most, setMost] = useState(STEP);
  const left = rows.length - most;
  return (
    <>
      {children(left > 0 ? rows.slice(0, most) : rows)}
      {left > 0 && (
        <MoreRows
          onMore={() => {
            setMost(before => before + STEP);
          }}
        >
          <span className="dim">{formatCount(left)} are left</span>
        </MoreRows>
      )}
    </>
  );
}
