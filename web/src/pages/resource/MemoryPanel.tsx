// Why the memory of a guest or node is the number that it is. Asked for when somebody wants to know.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { connectionsQuery } from '~/api/queries';
import type { Connection, Resource } from '~/api/types';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { facetOf } from './facets';
import { MemoryDecision } from './MemoryDecision';
import { decisionOf, memoryQuery } from './memory';
import classes from './ResourceView.module.css';

/** The connection that tells of its memory, and the key by which it does. */
function told(resource: Resource, connections: readonly Connection[]) {
  const found = resource.sources.flatMap(({ source, key }) => {
    const connection = connections.find(each => each.source === source);
    return connection ? [{ connection, key }] : [];
  });
  return found[0];
}

export function MemoryPanel({ resource }: { resource: Resource }) {
  const { data: connections = [] } = useQuery(connectionsQuery);
  const [wanted, setWanted] = useState(false);
  const source = (facetOf(resource, 'guest') ?? facetOf(resource, 'node'))?.memorySource;
  const from = told(resource, connections);
  if (!source || !from) return null;
  return (
    <Panel title="How its memory is known">
      <details
        className={classes.why}
        onToggle={event => {
          setWanted(event.currentTarget.open);
        }}
      >
        <summary>Why is it this number?</summary>
        {wanted && <Why connection={from.connection} at={from.key} />}
      </details>
    </Panel>
  );
}

function Why({ connection, at }: { connection: Connection; at: string }) {
  const { data, error, refetch } = useQuery(memoryQuery(connection, at));
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <p className="dim">Asking</p>;
  const decision = decisionOf(data, at);
  return decision ? (
    <MemoryDecision decision={decision} />
  ) : (
    <p className={classes.note}>Nothing was decided about it within the last hour.</p>
  );
}
