// Every top-level system and how it is connected; what is ignored, with the way back.
import { useQuery } from '@tanstack/react-query';
import { systemsQuery } from '~/api/queries';
import type { ConnectedSystem } from '~/api/types';
import { Notice } from '~/components/Notice';
import { Panel } from '~/components/Panel';
import { formatTime } from '~/format/time';
import { formatCount } from '~/format/units';
import { Loaded } from '../../access/Loaded';
import { ConnectionTabs } from '../ConnectionTabs';
import classes from '../Connections.module.css';
import { IgnoredTable } from './IgnoredTable';
import { SystemTable } from './SystemTable';

const LOOK_EVERY_MS = 5000;

export function SystemsPage() {
  const query = useQuery({ ...systemsQuery, refetchInterval: LOOK_EVERY_MS });
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>Connections</h1>
        <ConnectionTabs />
      </header>
      {query.data && query.isError && (
        <Notice kind="stale" compact title="This page is out of date">
          The server did not answer; it is from {formatTime(query.dataUpdatedAt)}. It is asked again every 5 s.
        </Notice>
      )}
      <Loaded query={query} waiting="Loading the systems">
        {rows => <Panels rows={rows} />}
      </Loaded>
    </div>
  );
}

function Panels({ rows }: { rows: readonly ConnectedSystem[] }) {
  const active = rows.filter(({ status }) => status === 'active');
  const ignored = rows.filter(({ status }) => status === 'ignored');
  if (rows.length === 0) {
    return (
      <Notice kind="empty" title="Nothing is connected yet">
        <p>
          Every machine that an agent or a platform reports appears here, with all the ways in which it is connected.
        </p>
      </Notice>
    );
  }
  return (
    <>
      {active.length > 0 && (
        <Panel title="Connected systems" aside={formatCount(active.length)} flush>
          <SystemTable systems={active} />
        </Panel>
      )}
      {ignored.length > 0 && (
        <Panel title="Ignored" aside={formatCount(ignored.length)} flush>
          <IgnoredTable systems={ignored} />
        </Panel>
      )}
    </>
  );
}
