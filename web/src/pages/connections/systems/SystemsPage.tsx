// Every top-level system and how it is connected; what is ignored, with the way back.
import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { systemsQuery } from '~/api/queries';
import type { ConnectedSystem } from '~/api/types';
import { Notice } from '~/components/Notice';
import { Panel } from '~/components/Panel';
import { formatCount } from '~/format/units';
import { Loaded } from '../../access/Loaded';
import { ConnectionTabs } from '../ConnectionTabs';
import classes from '../Connections.module.css';
import { OutOfDate } from '../OutOfDate';
import { useMayEdit } from '../useMayEdit';
import { FirstRows } from './FirstRows';
import { IgnoreDialog } from './IgnoreDialog';
import { IgnoredTable } from './IgnoredTable';
import { SystemTable } from './SystemTable';
import type { Connected } from './useSystemChange';

const LOOK_EVERY_MS = 5000;

export function SystemsPage() {
  const query = useQuery({ ...systemsQuery, refetchInterval: LOOK_EVERY_MS });
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>Connections</h1>
        <ConnectionTabs />
      </header>
      <OutOfDate queries={[query]} everySeconds={LOOK_EVERY_MS / 1000} />
      <Loaded query={query} waiting="Loading the systems">
        {rows => <Panels rows={rows} />}
      </Loaded>
    </div>
  );
}

function Panels({ rows }: { rows: readonly ConnectedSystem[] }) {
  const [wanted, setWanted] = useState('');
  const shown = useMemo(() => rows.filter(row => isCalled(row, wanted.trim().toLowerCase())), [rows, wanted]);
  if (rows.length === 0) return <NothingConnected />;
  return (
    <>
      <TextInput
        className={classes.filter}
        size="sm"
        type="search"
        aria-label="Name of a system"
        placeholder="Name"
        value={wanted}
        onChange={event => {
          setWanted(event.currentTarget.value);
        }}
      />
      {shown.length === 0 ? <p className="dim">No system is called so.</p> : <Tables rows={shown} />}
    </>
  );
}

function isCalled({ name, hostname }: ConnectedSystem, wanted: string): boolean {
  return [name, hostname ?? ''].some(each => each.toLowerCase().includes(wanted));
}

function Tables({ rows }: { rows: readonly ConnectedSystem[] }) {
  const mayEdit = useMayEdit();
  const [asked, setAsked] = useState<Connected | null>(null);
  const active = rows.filter(({ status }) => status === 'active');
  const ignored = rows.filter(({ status }) => status === 'ignored');
  return (
    <>
      {active.length > 0 && (
        <Panel title="Connected systems" aside={formatCount(active.length)} flush>
          <FirstRows rows={active}>
            {shown => <SystemTable systems={shown} onIgnore={mayEdit ? setAsked : undefined} />}
          </FirstRows>
        </Panel>
      )}
      {ignored.length > 0 && (
        <Panel title="Ignored" aside={formatCount(ignored.length)} flush>
          <FirstRows rows={ignored}>{shown => <IgnoredTable systems={shown} mayEdit={mayEdit} />}</FirstRows>
        </Panel>
      )}
      <IgnoreDialog
        asked={asked}
        onClose={() => {
          setAsked(null);
        }}
      />
    </>
  );
}

function NothingConnected() {
  return (
    <Notice kind="empty" title="Nothing is connected yet">
      <p>Every machine that an agent or a platform reports appears here, with all the ways in which it is connected.</p>
    </Notice>
  );
}
