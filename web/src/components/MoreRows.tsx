// The way to what comes after the rows that are shown.
import { Button } from '@mantine/core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import classes from './MoreRows.module.css';

type Props = { onMore: () => void; loading?: boolean; label?: string; children?: ReactNode };

/** `children`: what is said beside the button. */
export function MoreRows({ onMore, loading = false, label = 'Show more', children }: Props) {
  return (
    <div className={classes.more}>
      <Button size="xs" variant="default" loading={loading} onClick={onMore}>
        {label}
      </Button>
      {children}
    </div>
  );
}

type PagesProps = {
  query: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>;
  label?: string;
};

/** Nothing where the last page is there. */
export function MorePages({ query, ...rest }: PagesProps) {
  if (!query.hasNextPage) return null;
  return <MoreRows {...rest} loading={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />;
}
