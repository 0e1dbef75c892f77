// A backup to keep, and the configuration read again, for who administers the server.
import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { sessionQuery } from '~/api/queries';
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
        {reload.data && (
          <>
            <p className={classes.basis}>In force now: {listed(reload.data.inForce, 'nothing has changed')}.</p>
            {reload.data.needRestart.length > 0 && (
              <p className={classes.basis}>Waits for a restart: {listed(reload.data.needRestart, '')}.</p>
            )}
          </>
        )}
      </div>
      {backup.isError && <ProblemNotice error={backup.error} />}
      {reload.isError && <ProblemNotice error={reload.error} />}
    </Panel>
  );
}

const listed = (keys: readonly string[], none: string) => (keys.length > 0 ? keys.join(', ') : none);
