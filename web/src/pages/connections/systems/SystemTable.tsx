// One row for each system, with every way in which it is connected.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ConnectedSystem } from '~/api/types';
import { Age } from '~/components/Age';
import { StatusMark } from '~/components/StatusMark';
import classes from '../Connections.module.css';
import { ignoreLabel } from './IgnoreDialog';
import { SurfaceBadge } from './SurfaceBadge';
import type { Connected } from './useSystemChange';

/** `onIgnore`: absent for those who may only look. */
type Props = { systems: readonly ConnectedSystem[]; onIgnore: ((what: Connected) => void) | undefined };

export function SystemTable({ systems, onIgnore }: Props) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">System</th>
          <th scope="col">Status</th>
          <th scope="col">Connected by</th>
          <th scope="col" data-optional>
            Version
          </th>
          <th scope="col" data-optional>
            Seen
          </th>
          <th scope="col">
            <span className="visually-hidden">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {systems.map(system => (
          <SystemRow key={system.id} system={system} onIgnore={onIgnore} />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = Pick<Props, 'onIgnore'> & { system: ConnectedSystem };

function SystemRow({ system, onIgnore }: RowProps) {
  const { name, hostname, healthStatus, surfaces, version, lastSeen, resourceIds, explanation } = system;
  const [leading] = resourceIds;
  return (
    <tr>
      <th scope="row" data-tip={explanation}>
        {leading === undefined ? (
          name
        ) : (
          <Link to="/resources/$id" params={{ id: leading }}>
            {name}
          </Link>
        )}
        {hostname && hostname !== name && <div className="dim">{hostname}</div>}
      </th>
      <td>
        <StatusMark status={healthStatus ?? 'unknown'} />
      </td>
      <td>
        {surfaces.map(surface => (
          <SurfaceBadge key={surface.kind} surface={surface} />
        ))}
      </td>
      <td data-optional>{version}</td>
      <td data-optional>
        <Age time={lastSeen ?? null} />
      </td>
      <td>
        {onIgnore &&
          surfaces
            .filter(({ action }) => action === 'stop-monitoring')
            .map(surface => (
              <Button
                key={surface.kind}
                size="compact-sm"
                variant="default"
                aria-label={ignoreLabel({ system, surface })}
                onClick={() => {
                  onIgnore({ system, surface });
                }}
              >
                Ignore
              </Button>
            ))}
      </td>
    </tr>
  );
}
