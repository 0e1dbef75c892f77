// One connection out of the list that all pages share, or the word that there is none of that id.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Connection } from '~/api/types';
import { Notice } from '~/components/Notice';
import { Loaded } from '../access/Loaded';
import { useConnections } from './useConnections';

type Props = { id: string; children: (connection: Connection, rate: number | null) => ReactNode };

export function OneConnection({ id, children }: Props) {
  const { query, rateOf } = useConnections();
  return (
    <Loaded query={query} waiting="Loading the connection">
      {connections => {
        const found = connections.find(connection => connection.id === id);
        return found ? children(found, rateOf(id)) : <NoSuchConnection />;
      }}
    </Loaded>
  );
}

function NoSuchConnection() {
  return (
    <Notice kind="empty" title="There is no such connection" page action={<Link to="/connections">Connections</Link>}>
      <p>It may have been removed, or the address is mistyped.</p>
    </Notice>
  );
}
