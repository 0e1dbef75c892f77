// What is ignored, since when and by whom, and the way back.
import { Button } from '@mantine/core';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { ConnectedSystem } from '~/api/types';
import { Age } from '~/components/Age';
import { say, sayFailure } from '~/notices/toasts';
import classes from '../Connections.module.css';
import { SurfaceBadge } from './SurfaceBadge';
import { referenceTo, useSystemChange } from './useSystemChange';

/** `mayEdit`: whether the way back is offered. */
type Props = { systems: readonly ConnectedSystem[]; mayEdit: boolean };

export function IgnoredTable({ systems, mayEdit }: Props) {
  const restoring = useRestoring();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Connected by</th>
          <th scope="col" data-optional>
            Since
          </th>
          <th scope="col" data-optional>
            By
          </th>
          <th scope="col">
            <span className="visually-hidden">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {systems.map(system => (
          <tr key={system.id}>
            <th scope="row" data-tip={system.explanation}>
              {system.name}
            </th>
            <td>
              {system.surfaces.map(surface => (
                <SurfaceBadge key={surface.kind} surface={surface} />
              ))}
            </td>
            <td data-optional>
              <Age time={system.removedAt ?? null} />
            </td>
            <td data-optional>{system.removedBy}</td>
            <td>
              {mayEdit &&
                system.surfaces
                  .filter(({ action }) => action === 'allow-reconnect')
                  .map(surface => (
                    <Button
                      key={surface.kind}
                      size="compact-sm"
                      variant="default"
                      aria-label={`Listen to ${system.name} again`}
                      loading={restoring.isPending && restoring.variables.surface === surface}
                      onClick={() => {
                        restoring.mutate({ system, surface });
                      }}
                    >
                      Listen again
                    </Button>
                  ))}
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
