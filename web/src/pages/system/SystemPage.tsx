// How this server itself is doing, and each of its sources.
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { sourcesQuery, systemQuery } from '~/api/queries';
import { Notice } from '~/components/Notice';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { formatTime } from '~/format/time';
import { DoctorPanel } from './DoctorPanel';
import { SourceTable } from './SourceTable';
import { SystemPanels } from './SystemPanels';
import { UpkeepPanel } from './UpkeepPanel';
import classes from './System.module.css';

export function SystemPage() {
  const system = useQuery(systemQuery);
  const sources = useQuery(sourcesQuery);
  return (
    <div className={classes.page}>
      <h1>System</h1>
      {system.data && system.isError && (
        <Notice kind="stale" compact title="These values are out of date">
          The server did not answer; they are from {formatTime(system.dataUpdatedAt)}. It is asked again every 10 s.
        </Notice>
      )}
      {system.data && <SystemPanels system={system.data} />}
      {!system.data && system.isError && <ProblemNotice error={system.error} onRetry={() => void system.refetch()} />}
      {system.isPending && <Skeleton height={220} role="status" aria-label="Loading the server's health" />}
      <Panel title="Sources" flush>
        {sources.data && <SourceTable sources={sources.data} />}
        {!sources.data && sources.isError && (
          <ProblemNotice error={sources.error} onRetry={() => void sources.refetch()} />
        )}
        {sources.isPending && <Skeleton height={80} role="status" aria-label="Loading the sources" />}
      </Panel>
      <DoctorPanel />
      <UpkeepPanel />
    </div>
  );
}
