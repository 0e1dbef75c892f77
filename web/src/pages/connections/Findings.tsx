// What a probe with credentials found: who it is, and what we may see there.
import type { PollError, ProbeResult } from '~/api/types';
import { Facts } from '~/components/Facts';
import { Marked } from '~/components/Marked';
import { Notice } from '~/components/Notice';
import { EndpointList } from './EndpointList';
import { failureWords } from './failure';
import { RightsTable } from './RightsTable';
import classes from './Connections.module.css';

type Props = { result: ProbeResult; pins: readonly string[] };

export function Findings({ result, pins }: Props) {
  const { endpoints, failure, version, cluster, nodes, calls } = result;
  return (
    <div className={classes.stack}>
      {failure && <ProbeFailure failure={failure} />}
      {version && (
        <Facts
          facts={[
            { term: 'Version', value: version },
            { term: 'Cluster', value: cluster ?? 'none, a node on its own' },
            { term: 'Nodes', value: nodes.join(', ') },
          ]}
        />
      )}
      <EndpointList endpoints={endpoints} pins={pins} />
      {calls.length > 0 && <RightsTable calls={calls} />}
    </div>
  );
}

export function ProbeFailure({ failure }: { failure: PollError }) {
  const { title, help } = failureWords(failure);
  return (
    <Notice kind="error" compact title={title}>
      <p>
        <Marked text={failure.message} />
      </p>
      <p>{help}</p>
    </Notice>
  );
}
