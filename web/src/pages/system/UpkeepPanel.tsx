// A backup to keep, and the configuration read again, for who administers the server.
import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { sessionQuery } from '~/api/queries';
import type { Reloaded } from '~/api/types';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { downloadBlob } from '~/files/download';
import { fetchBackup, reloadConfiguration } from './upkeep';
import classes from './System.module.css';

export function UpkeepPanel() {
  const session = useQuery(sessionQuery);
  const backup = useMutation({
    mutationFn: fetchBackup,
    onSuccess: ({ name, content }) => {
      downloadBlob(name, content);
    },
  });
  const reload = useMutation({ mutationFn: reloadConfiguration });
  if (!session.data?.user?.scopes.includes('system:admin')) return null;
  return (
    <Panel
      title="Upkeep"
      aside={
        <div className={classes.actions}>
          <Button
            variant="default"
            size="xs"
            loading={backup.isPending}
            onClick={() => {
              backup.mutate();
            }}
          >
            Download a backup
          </Button>
          <Button
            variant="default"
            size="xs"
            loading={reload.isPending}
            onClick={() => {
              reload.mutate();
            }}
          >
            Reload configuration
          </Button>
        </div>
      }
      flush
    >
      <p className={classes.basis}>
        A backup holds state and history as one file, without the master key. For large ones, use{' '}
        <code>muster backup</code>, which reads the file once more when it is whole.
      </p>
      <div role="status">
        {backup.data && <p className={classes.basis}>{backup.data.name} was handed to the browser.</p>}
        {reload.data &&
          reloadWords(reload.data).map(words => (
            <p key={words} className={classes.basis}>
              {words}
            </p>
          ))}
      </div>
      {backup.isError && <ProblemNotice error={backup.error} />}
      {reload.isError && <ProblemNotice error={reload.error} />}
    </Panel>
  );
}

function reloadWords({ inForce, needRestart }: Reloaded): string[] {
  const words = [
    inForce.length > 0 && `In force now: ${inForce.join(', ')}.`,
    needRestart.length > 0 && `Waits for a restart: ${needRestart.join(', ')}.`,
  ].filter(line => line !== false);
  return words.length > 0 ? words : ['The configuration was read again; nothing in it has changed.'];
}
