// What is ignored, since when and by whom, and the way back.
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { ConnectedSystem } from '~/api/types';
import { Age } from '~/components/Age';
import { Heads, type Head } from '~/components/Heads';
import { say, sayFailure } from '~/notices/toasts';
import classes from '../Connections.module.css';
import { SurfaceBadges, SurfaceButtons } from './Surfaces';
import { referenceTo, useSystemChange } from './useSystemChange';

/** `mayEdit`: whether the way back is offered. */
type Props = { systems: readonly ConnectedSystem[]; mayEdit: boolean };

const HEADS: readonly Head[] = [
  { title: 'Name' },
  { title: 'Connected by' },
  { title: 'Since', optional: true },
  { title: 'By', optional: true },
  { title: 'What can be done', unseen: true },
];

export function IgnoredTable({ systems, mayEdit }: Props) {
  const restoring = useRestoring();
  return (
    <table className={classes.table}>
      <Heads heads={HEADS} />
      <tbody>
        {systems.map(system => (
          <tr key={system.id}>
            <th scope="row" data-tip={system.explanation}>
              {system.name}
            </th>
            <td>
              <SurfaceBadges system={system} />
            </td>
            <td data-optional>
              <Age time={system.removedAt ?? null} />
            </td>
            <td data-optional>{system.removedBy}</td>
            <td>
              {mayEdit && (
                <SurfaceButtons
                  system={system}
                  action="allow-reconnect"
                  short="Listen again"
                  labelOf={() => `Listen to ${system.name} again`}
                  isBusy={surface => restoring.isPending && restoring.variables.surface === surface}
                  onChoose={restoring.mutate}
                />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function useRestoring() {
  return useSystemChange(
    ({ system: { name }, surface }) =>
      unwrap(
        `to listen to ${name} again`,
        api.POST('/api/connected-infrastructure/restore', { body: referenceTo(surface) }),
      ),
    ({ system: { name } }) => {
      say({ kind: 'done', text: `${name} is listened to again: it comes back with its next report.` });
    },
    ({ system: { name } }, error) => {
      sayFailure(`${name} is still ignored.`, error);
    },
  );
}
