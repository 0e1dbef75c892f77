// What the stored credentials may see, asked when somebody wants to know: each call is tried once.
import { Button, Skeleton } from '@mantine/core';
import type { Connection } from '~/api/types';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { Findings } from './Findings';
import { PROBING_NEEDS, useMayProbe } from './useMayEdit';
import { useProbe } from './useProbe';
import classes from './Connections.module.css';

export function RightsPanel({ connection: { id, platform, endpoints, auth, pins } }: { connection: Connection }) {
  const probe = useProbe();
  const mayProbe = useMayProbe();
  const examine = () => {
    // Without a secret the stored one is used, which is for these very addresses.
    probe.mutate(() => ({ platform, endpoints, auth, pins, secret: null, connection: id }));
  };
  return (
    <Panel
      title="Rights"
      aside={
        <Button size="xs" variant="default" loading={probe.isPending} disabled={!mayProbe} onClick={examine}>
          {probe.data ? 'Examine again' : 'Examine the rights'}
        </Button>
      }
    >
      {probe.isIdle && (
        <p className={classes.note}>
          Tries each call that polling makes, and says which right is missing, what stays empty without it, and which
          command grants it. Changes nothing on the platform.{!mayProbe && ` ${PROBING_NEEDS}`}
        </p>
      )}
      {probe.isPending && <Skeleton height={120} role="status" aria-label="Trying each call" />}
      {probe.isError && <ProblemNotice error={probe.error} onRetry={examine} />}
      {probe.data && <Findings result={probe.data} pins={pins} />}
    </Panel>
  );
}
