// What the connection is called, and how often its resources are looked at.
import { NativeSelect, TextInput } from '@mantine/core';
import { partProblem } from '~/api/problem';
import { formatStep } from '~/format/time';
import type { Draft } from './draft';
import { Step } from './Step';

type Props = { draft: Draft; onChange: (part: Partial<Draft>) => void; problem: unknown };

const LONGEST_NAME = 64;
const INTERVALS = [10, 20, 30, 60, 120, 300, 600, 1800, 3600];

export function NameStep({ draft: { name, intervalSeconds }, onChange, problem }: Props) {
  // One that was set in another way stays to be chosen.
  const intervals = [...new Set([...INTERVALS, intervalSeconds])].toSorted((a, b) => a - b);
  return (
    <Step number={5} title="Name and interval">
      <TextInput
        label="Name"
        name="name"
        autoComplete="off"
        maxLength={LONGEST_NAME}
        required
        value={name}
        error={partProblem(problem, '/name')}
        onChange={event => {
          onChange({ name: event.currentTarget.value });
        }}
      />
      <NativeSelect
        label="Looks every"
        name="interval"
        description="One request for a whole cluster each time; details are read at slower paces of their own."
        data={intervals.map(seconds => ({ value: String(seconds), label: formatStep(seconds) }))}
        value={String(intervalSeconds)}
        error={partProblem(problem, '/intervalSeconds')}
        onChange={event => {
          onChange({ intervalSeconds: Number(event.currentTarget.value) });
        }}
      />
    </Step>
  );
}
