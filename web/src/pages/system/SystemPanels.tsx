// The server, its engine, its database and its history.
import type { ReactNode } from 'react';
import type { System } from '~/api/types';
import { Facts } from '~/components/Facts';
import { Notice } from '~/components/Notice';
import { Panel } from '~/components/Panel';
import { UnknownValue } from '~/components/Reading';
import { HistoryCost } from './HistoryCost';
import { systemFacts, troubles } from './systemFacts';
import classes from './System.module.css';

const UNSAID = 'The operating system or database does not say.';

/** A fact that the server could not give is a word with its reason. */
const orUnknown = (value: ReactNode) => value ?? <UnknownValue why={UNSAID} />;

export function SystemPanels({ system }: { system: System }) {
  return (
    <>
      {troubles(system).map(({ title, detail }) => (
        <Notice key={title} kind="partial" compact title={title}>
          {detail}
        </Notice>
      ))}
      <div className={classes.grid}>
        {systemFacts(system).map(({ title, facts }) => (
          <Panel key={title} title={title}>
            <Facts facts={facts.map(({ term, value }) => ({ term, value: orUnknown(value) }))} />
          </Panel>
        ))}
      </div>
      <HistoryCost history={system.history} />
    </>
  );
}
