// A list of changes with its states: loading, nothing yet, failed, and more to load.
import { Skeleton } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ChangePage, ResourceChange } from '~/api/types';
import { MorePages } from '~/components/MoreRows';
import { Notice } from '~/components/Notice';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { formatDate } from '~/format/time';
import { ChangeRow } from './ChangeRow';
import classes from './Timeline.module.css';

type Props = {
  timeline: UseInfiniteQueryResult<InfiniteData<ChangePage>>;
  /** Whether to say which resource each change is about. */
  withResources?: boolean;
  filtered?: boolean;
};

export function TimelinePanel({ timeline, withResources = false, filtered = false }: Props) {
  const changes = timeline.data?.pages.flatMap(({ items }) => items);
  return (
    <Panel title={withResources ? 'What happened' : 'Timeline'} flush>
      {changes ? (
        <Changes changes={changes} withResources={withResources} filtered={filtered} />
      ) : (
        <Absent timeline={timeline} />
      )}
      <MorePages query={timeline} label="Earlier" />
    </Panel>
  );
}

function Absent({ timeline }: Pick<Props, 'timeline'>) {
  if (timeline.isError) return <ProblemNotice error={timeline.error} onRetry={() => void timeline.refetch()} />;
  return (
    <div className={classes.loading} role="status" aria-label="Loading the timeline">
      <Skeleton height={20} />
      <Skeleton height={20} width="80%" />
      <Skeleton height={20} width="90%" />
    </div>
  );
}

type ChangesProps = { changes: readonly ResourceChange[]; withResources: boolean; filtered: boolean };

function Changes({ changes, withResources, filtered }: ChangesProps) {
  if (changes.length === 0) {
    return filtered ? (
      <Notice kind="empty" title="Nothing of this kind has happened">
        <p>Choose other kinds, or none to see everything.</p>
      </Notice>
    ) : (
      <Notice kind="empty" title="Nothing has happened yet">
        <p>Changes of state, configuration and relations appear here as sources report them.</p>
      </Notice>
    );
  }
  const days = Map.groupBy(changes, ({ observedAt }) => formatDate(Date.parse(observedAt)));
  return [...days].map(([day, ofDay]) => (
    <section key={day} aria-label={day}>
      <h3 className={classes.day}>{day}</h3>
      <ol className={classes.list}>
        {ofDay.map(change => (
          <ChangeRow key={change.id} change={change} withResource={withResources} />
        ))}
      </ol>
    </section>
  ));
}
