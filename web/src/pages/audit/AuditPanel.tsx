// The rows with their states: loading, none, failed, and more to load.
import { Anchor, Skeleton } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { AuditPage } from '~/api/types';
import { MorePages } from '~/components/MoreRows';
import { Notice } from '~/components/Notice';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { AuditTable } from './AuditTable';
import { exportPath, type AuditFilter } from './view';

type Props = {
  log: UseInfiniteQueryResult<InfiniteData<AuditPage>>;
  filter: AuditFilter;
  onOpen: (id: string) => void;
};

export function AuditPanel({ log, filter, onOpen }: Props) {
  return (
    <Panel title="Log" aside={<Files filter={filter} />} flush>
      <Rows log={log} filter={filter} onOpen={onOpen} />
      <MorePages query={log} label="Earlier" />
    </Panel>
  );
}

function Files({ filter }: { filter: AuditFilter }) {
  return (
    <>
      <Anchor size="xs" href={exportPath(filter, 'csv')} download>
        CSV
      </Anchor>{' '}
      <Anchor size="xs" href={exportPath(filter, 'jsonl')} download>
        JSON lines
      </Anchor>
    </>
  );
}

function Rows({ log, filter, onOpen }: Props) {
  const rows = log.data?.pages.flatMap(({ items }) => items);
  if (!rows && log.isError) return <ProblemNotice error={log.error} onRetry={() => void log.refetch()} />;
  if (!rows) return <Skeleton height={160} role="status" aria-label="Loading the audit log" />;
  if (rows.length > 0) return <AuditTable rows={rows} onOpen={onOpen} />;
  const filtered = Object.keys(filter).length > 0;
  return (
    <Notice kind="empty" title={filtered ? 'No row is like that' : 'Nothing was done yet'}>
      <p>{filtered ? 'Take away a filter, or spell it differently.' : 'What people and tokens change appears here.'}</p>
    </Notice>
  );
}
