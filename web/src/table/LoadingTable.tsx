// The table before the first answer.
import { Skeleton } from '@mantine/core';
import classes from './TablePage.module.css';

const ROWS = 12;

export function LoadingTable() {
  return (
    <div className={classes.skeleton} role="status" aria-label="Loading the resources">
      {Array.from({ length: ROWS }, (_, row) => (
        <Skeleton key={row} height={22} radius="sm" width={`${100 - (row % 4) * 6}%`} />
      ))}
    </div>
  );
}
