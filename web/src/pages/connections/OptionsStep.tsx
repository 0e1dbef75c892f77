// How a platform is looked at, where the usual way is too much or too little for it. Closed until somebody wants it: hardly
// anybody does.
import { NativeSelect, TextInput } from '@mantine/core';
import { partProblem } from '~/api/problem';
import type { Options } from './draft';
import classes from './Connections.module.css';

type Props = { options: Options; onChange: (options: Options) => void; problem: unknown };

export function OptionsStep({ options, onChange, problem }: Props) {
  const { guestAgent, disks, zfs } = options;
  const failed = (pointer: string) => partProblem(problem, `/options/${pointer}`);
  const ofAgents = (part: Partial<Options['guestAgent']>) => {
    onChange({ ...options, guestAgent: { ...guestAgent, ...part } });
  };
  const ofDisks = (part: Partial<Options['disks']>) => {
    onChange({ ...options, disks: { ...disks, ...part } });
  };
  return (
    <details className={classes.options}>
      <summary>Options</summary>
      <div className={classes.stack}>
        <Switched
          label="Ask agents inside virtual machines"
          description="Without them the disk use of virtual machines is unknown."
          value={guestAgent.enabled}
          problem={failed('guestAgent/enabled')}
          onChange={enabled => {
            ofAgents({ enabled });
          }}
        />
        <Count
          label="Guests asked at a time"
          usual={2}
          most={8}
          value={guestAgent.parallel}
          problem={failed('guestAgent/parallel')}
          onChange={parallel => {
            ofAgents({ parallel });
          }}
        />
        <Count
          label="Minutes between two lists of disks"
          usual={5}
          most={1440}
          value={disks.everyMinutes}
          problem={failed('disks/everyMinutes')}
          onChange={everyMinutes => {
            ofDisks({ everyMinutes });
          }}
        />
        <Switched
          label="Read the SMART values of disks"
          description="What the list of disks says of their health is shown all the same."
          value={disks.smart}
          problem={failed('disks/smart')}
          onChange={smart => {
            ofDisks({ smart });
          }}
        />
        <Switched
          label="Look at ZFS pools"
          description="Without, storages on pools show no state of a pool."
          value={zfs.enabled}
          problem={failed('zfs/enabled')}
          onChange={enabled => {
            onChange({ ...options, zfs: { enabled } });
          }}
        />
      </div>
    </details>
  );
}

type FieldProps<Value> = {
  label: string;
  /** `null`: as usual. */
  value: Value | null;
  problem: string | undefined;
  onChange: (value: Value | null) => void;
};

const SWITCH = [
  { value: '', label: 'As usual: yes' },
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
];

function Switched({ label, description, value, problem, onChange }: FieldProps<boolean> & { description: string }) {
  return (
    <NativeSelect
      label={label}
      description={description}
      data={SWITCH}
      value={value === null ? '' : value ? 'yes' : 'no'}
      error={problem}
      onChange={event => {
        const chosen = event.currentTarget.value;
        onChange(chosen === '' ? null : chosen === 'yes');
      }}
    />
  );
}

function Count({ label, usual, most, value, problem, onChange }: FieldProps<number> & { usual: number; most: number }) {
  return (
    <TextInput
      label={label}
      description={`1 to ${most}; empty for ${usual}, as usual.`}
      type="number"
      min={1}
      max={most}
      step={1}
      value={value ?? ''}
      error={problem}
      onChange={event => {
        const written = event.currentTarget.valueAsNumber;
        onChange(Number.isNaN(written) ? null : written);
      }}
    />
  );
}
