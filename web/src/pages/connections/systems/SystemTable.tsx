// One row for each system, with every way in which it is connected.
import { Link } from '@tanstack/react-router';
import type { ConnectedSystem, ResourceId } from '~/api/types';
import { Age } from '~/components/Age';
import { Heads, type Head } from '~/components/Heads';
import { useSourceName } from '~/components/sourceNames';
import { StatusMark } from '~/components/StatusMark';
import { useResource } from '~/live/LiveContext';
import classes from '../Connections.module.css';
import { ignoreLabel } from './IgnoreDialog';
import { SurfaceBadges, SurfaceButtons } from './Surfaces';
import type { Connected } from './useSystemChange';

/** `onIgnore`: absent for those who may only look. */
type Props = { systems: readonly ConnectedSystem[]; onIgnore: ((what: Connected) => void) | undefined };

const HEADS: readonly Head[] = [
  { title: 'System' },
  { title: 'Status' },
  { title: 'Connected by' },
  { title: 'Version', optional: true },
  { title: 'Seen', optional: true },
  { title: 'What can be done', unseen: true },
];

export function SystemTable({ systems, onIgnore }: Props) {
  return (
    <table className={classes.table}>
      <Heads heads={HEADS} />
      <tbody>
        {systems.map(system => (
          <SystemRow key={system.id} system={system} onIgnore={onIgnore} />
        ))}
      </tbody>
    </table>
  );
}

/** Which connections report it: two clusters may have nodes of one name. */
function ConnectionNames({ id }: { id: ResourceId }) {
  const nameOf = useSourceName();
  const sources = useResource(id)?.sources ?? [];
  const names = sources.map(({ source }) => source).filter(source => nameOf(source) !== source);
  return names.length > 0 && <div className="dim">{names.map(nameOf).join(', ')}</div>;
}

type RowProps = Pick<Props, 'onIgnore'> & { system: ConnectedSystem };

function SystemRow({ system, onIgnore }: RowProps) {
  const { name, hostname, healthStatus, version, lastSeen, resourceIds, explanation } = system;
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
        <SurfaceBadges system={system} />
        {leading !== undefined && <ConnectionNames id={leading} />}
      </td>
      <td data-optional>{version}</td>
      <td data-optional>
        <Age time={lastSeen ?? null} />
      </td>
      <td>
        {onIgnore && (
          <SurfaceButtons
            system={system}
            action="stop-monitoring"
            short="Ignore"
            labelOf={ignoreLabel}
            onChoose={onIgnore}
          />
        )}
      </td>
    </tr>
  );
}
