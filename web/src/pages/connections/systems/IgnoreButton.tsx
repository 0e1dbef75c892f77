// Stops listening to one connection of a machine, after saying what becomes of it.
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { ConnectedSystem, Surface } from '~/api/types';
import { say } from '~/notices/toasts';
import { surfaceName } from '~/strings/surfaces';
import { ConfirmButton } from '../../access/ConfirmButton';
import { useMayEdit } from '../useMayEdit';
import { referenceTo, useSystemChange } from './useSystemChange';

type Props = { system: ConnectedSystem; surface: Surface };

export function IgnoreButton({ system: { name, surfaces }, surface }: Props) {
  const mayEdit = useMayEdit();
  const body = referenceTo(surface);
  const what = surfaceName(surface.kind);
  const change = useSystemChange(
    () => unwrap(`to ignore ${name}`, api.POST('/api/connected-infrastructure/ignore', { body })),
    () => {
      say({ kind: 'done', text: `The ${what} of ${name} is ignored.` });
    },
  );
  if (!mayEdit) return null;
  const others = surfaces.filter(({ kind }) => kind !== surface.kind).map(({ kind }) => surfaceName(kind));
  return (
    <ConfirmButton
      label={`Ignore the ${what} of ${name}`}
      short="Ignore"
      onConfirm={() => change.mutateAsync()}
      pending={change.isPending}
      error={change.error}
    >
      <p>
        What its {what} reports is refused from now on, also after a restart of this server, until somebody listens to
        it again. What only it reports leaves the estate; history and timeline stay.
      </p>
      <p>
        {others.length > 0
          ? `What comes by ${others.join(', ')} stays as it is.`
          : 'Nothing else reports this system: it leaves the estate as a whole.'}{' '}
        On the machine itself nothing changes.
      </p>
    </ConfirmButton>
  );
}
