// One's own browser sessions, and ending them.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import { Panel } from '~/components/Panel';
import { FormProblem } from './FormProblem';
import { Loaded } from './Loaded';
import { sessionsQuery } from './queries';
import { SessionTable } from './SessionTable';
import { useChange } from './useChange';

export function SessionsTab() {
  const sessions = useQuery(sessionsQuery);
  const endOthers = useChange(() => unwrap('to end your other sessions', api.DELETE('/api/sessions')));
  const end = useChange((id: string) =>
    unwrap('to end the session', api.DELETE('/api/sessions/{id}', { params: { path: { id } } })),
  );
  const others = sessions.data?.some(session => !session.current) ?? false;
  return (
    <Panel
      title="Your sessions"
      flush
      aside={
        <Button
          size="compact-sm"
          variant="default"
          disabled={!others}
          title={others ? undefined : 'You have no other session.'}
          loading={endOthers.isPending}
          onClick={() => {
            endOthers.mutate(undefined);
          }}
        >
          End all others
        </Button>
      }
    >
      <FormProblem error={endOthers.error ?? end.error} />
      <Loaded query={sessions} waiting="Loading your sessions">
        {items => <SessionTable sessions={items} onEnd={end.mutate} />}
      </Loaded>
    </Panel>
  );
}
