// Tries the connection before it is made: whether the credentials are accepted, and what they may see.
import { Button, Skeleton } from '@mantine/core';
import { FormProblem } from '../access/FormProblem';
import { authOf, type Draft } from './draft';
import { Findings } from './Findings';
import { PROBING_NEEDS, useMayProbe } from './useMayEdit';
import { Step } from './Step';
import type { useProbe } from './useProbe';
import classes from './Connections.module.css';

type Props = {
  draft: Draft;
  probe: ReturnType<typeof useProbe>;
  onAsk: () => void;
};

export function CheckStep({ draft, probe, onAsk }: Props) {
  const mayProbe = useMayProbe();
  return (
    <Step number={4} title="Check">
      <p className={classes.note}>
        Tries each call that polling makes, once. Changes nothing on the platform, and keeps nothing here.
      </p>
      <Button
        variant={probe.data ? 'default' : 'filled'}
        loading={probe.isPending}
        disabled={!mayProbe || !authOf(draft)}
        title={mayProbe ? undefined : PROBING_NEEDS}
        onClick={onAsk}
      >
        {probe.data ? 'Check again' : 'Check the connection'}
      </Button>
      {probe.isPending && <Skeleton height={120} role="status" aria-label="Trying each call" />}
      <FormProblem error={probe.error} />
      {probe.data && <Findings result={probe.data} pins={draft.pins} />}
    </Step>
  );
}
