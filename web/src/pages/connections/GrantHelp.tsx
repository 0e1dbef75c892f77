// The commands that make the user of a connection, to copy.
import { Checkbox, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Commands } from '~/components/Commands';
import type { Draft } from './draft';
import { GENERATION_TITLE, grantCommands, type Generation } from './grants';
import classes from './Connections.module.css';

const GENERATIONS = Object.entries(GENERATION_TITLE)
  .map(([value, label]) => ({ value, label }))
  .toReversed();

const AGENT_NOTE: Record<Generation, string> = {
  '9': 'Guests then tell memory, filesystems and addresses exactly. It includes reading files inside guests, of which only /proc/meminfo is read.',
  '8': 'Guests then tell filesystems and addresses exactly. It needs VM.Monitor, a strong right that includes the machine monitor: leave it out where that is too much.',
};

export function GrantHelp({ draft }: { draft: Draft }) {
  const [generation, setGeneration] = useState<Generation>('9');
  const [agents, setAgents] = useState(false);
  return (
    <details className={classes.help}>
      <summary>Commands that make it, with no more rights than needed</summary>
      <div className={classes.stack}>
        <NativeSelect
          label="Version of the cluster"
          data={GENERATIONS}
          value={generation}
          onChange={event => {
            setGeneration(event.currentTarget.value === '8' ? '8' : '9');
          }}
        />
        <Checkbox
          label="Also ask the agents inside guests"
          description={AGENT_NOTE[generation]}
          checked={agents}
          onChange={event => {
            setAgents(event.currentTarget.checked);
          }}
        />
        <p className={classes.note}>Run them as root on any node of the cluster.</p>
        {grantCommands(draft, generation, agents).map(({ what, lines }) => (
          <Commands key={what} what={what} lines={lines} />
        ))}
      </div>
    </details>
  );
}
