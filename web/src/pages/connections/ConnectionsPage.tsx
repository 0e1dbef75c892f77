// Every connection and how polling of it goes, live.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Notice } from '~/components/Notice';
import { Panel } from '~/components/Panel';
import { Loaded } from '../access/Loaded';
import { ConnectionTable } from './ConnectionTable';
import { ConnectionTabs } from './ConnectionTabs';
import { OutOfDate } from './OutOfDate';
import { useConnections } from './useConnections';
import { useMayEdit } from './useMayEdit';
import classes from './Connections.module.css';

export function ConnectionsPage() {
  const { query, rateOf } = useConnections();
  const mayEdit = useMayEdit();
  const any = query.data !== undefined && query.data.length > 0;
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>Connections</h1>
        <ConnectionTabs />
        {mayEdit && any && (
          <div className={classes.actions}>
            <AddLink />
          </div>
        )}
      </header>
      <OutOfDate queries={[query]} everySeconds={5} />
      <Loaded query={query} waiting="Loading the connections">
        {connections =>
          connections.length === 0 ? (
            <NoConnection mayEdit={mayEdit} />
          ) : (
            <Panel title="Platforms" flush>
              <ConnectionTable connections={connections} rateOf={rateOf} />
            </Panel>
          )
        }
      </Loaded>
    </div>
  );
}

function AddLink() {
  return (
    <Button size="xs" component={Link} to="/connections/new">
      Add a connection
    </Button>
  );
}

function NoConnection({ mayEdit }: { mayEdit: boolean }) {
  return (
    <Notice kind="empty" title="No platform is connected" {...(mayEdit && { action: <AddLink /> })}>
      <p>
        A connection lets this server look at a platform, such as a Proxmox VE cluster: its nodes, guests, storages and
        disks. One connection is enough for a whole cluster, and it needs rights to read only.
      </p>
      {!mayEdit && <p>Adding one needs the right to edit connections (connections:write).</p>}
    </Notice>
  );
}
