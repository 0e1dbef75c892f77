// What is ignored, since when and by whom, and the way back.
import { Button } from '@mantine/core';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { ConnectedSystem, Surface } from '~/api/types';
import { Age } from '~/components/Age';
import { say, sayFailure } from '~/notices/toasts';
import classes from '../Connections.module.css';
import { useMayEdit } from '../useMayEdit';
import { SurfaceBadge } from './SurfaceBadge';
import { referenceTo, useSystemChange } from './useSystemChange';

export function IgnoredTable({ systems }: { systems: readonly ConnectedSystem[] }) {
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
        {systems.map(({ id, name, surfaces, removedAt, removedBy, explanation }) => (
          <tr key={id}>
            <th scope="row" data-tip={explanation}>
              {name}
            </th>
            <td>
              {surfaces.map(surface => (
                <SurfaceBadge key={surface.kind} surface={surface} />
              ))}
            </td>
            <td data-optional>
              <Age time={removedAt ?? null} />
            </td>
            <td data-optional>{removedBy}</td>
            <td>
              {surfaces.map(surface => (
                <RestoreButton key={surface.kind} name={name} surface={surface} />
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RestoreButton({ name, surface }: { name: string; surface: Surface }) {
  const mayEdit = useMayEdit();
  const body = referenceTo(surface);
  const change = useSystemChange(
    () => unwrap(`to listen to ${name} again`, api.POST('/api/connected-infrastructure/restore', { body })),
    () => {
      say({ kind: 'done', text: `${name} is listened to again: it comes back with its next report.` });
    },
  );
  if (!mayEdit || surface.action !== 'allow-reconnect') return null;
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-label={`Listen to ${name} again`}
      loading={change.isPending}
      onClick={() => {
        change.mutate(undefined, {
          onError: error => {
            sayFailure(`${name} is still ignored.`, error);
          },
        });
      }}
    >
      Listen again
    </Button>
  );
}
