// The server examines itself when somebody asks: what is wrong, what is in force, and text to pass on.
import { Button, CopyButton, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { doctorQuery, sessionQuery } from '~/api/queries';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { doctorText } from './doctorText';
import { FindingList } from './FindingList';
import { SettingTable } from './SettingTable';
import classes from './System.module.css';

const NEEDS = 'This needs the right to administer the server (system:admin).';

export function DoctorPanel() {
  const session = useQuery(sessionQuery);
  const doctor = useQuery(doctorQuery);
  const mayAsk = session.data?.user?.scopes.includes('system:admin') ?? false;
  const report = doctor.data;
  return (
    <Panel
      title="Self-examination"
      aside={
        <div className={classes.actions}>
          {report && (
            <CopyButton value={doctorText(report)}>
              {({ copied, copy }) => (
                <Button variant="default" size="xs" onClick={copy}>
                  {copied ? 'Copied' : 'Copy as text'}
                </Button>
              )}
            </CopyButton>
          )}
          <Button
            variant="default"
            size="xs"
            disabled={!mayAsk}
            title={mayAsk ? undefined : NEEDS}
            loading={doctor.isFetching}
            onClick={() => void doctor.refetch()}
          >
            {report ? 'Examine again' : 'Examine'}
          </Button>
        </div>
      }
      flush
    >
      {!report && !doctor.isError && !doctor.isFetching && (
        <p className={classes.basis}>
          {mayAsk
            ? 'Looks at configuration, permissions, disk, database, clock and history. Changes nothing and shows no secret.'
            : NEEDS}
        </p>
      )}
      {!report && doctor.isFetching && <Skeleton height={120} role="status" aria-label="Examining the server" />}
      {doctor.isError && <ProblemNotice error={doctor.error} onRetry={() => void doctor.refetch()} />}
      {report && (
        <>
          <FindingList findings={report.findings} />
          <SettingTable settings={report.settings} />
        </>
      )}
    </Panel>
  );
}
