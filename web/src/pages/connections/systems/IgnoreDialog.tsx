// Stops listening to one connection of a machine, after saying what becomes of it. There is one for all rows of a page.
import { Button, Modal } from '@mantine/core';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import { say } from '~/notices/toasts';
import { surfaceName } from '~/strings/surfaces';
import { FormProblem } from '../../access/FormProblem';
import classes from '../Connections.module.css';
import { referenceTo, useSystemChange, type Connected } from './useSystemChange';

export function ignoreLabel({ system, surface }: Connected): string {
  return `Ignore the ${surfaceName(surface.kind)} of ${system.name}`;
}

/** Open while there is something to ask about. */
export function IgnoreDialog({ asked, onClose }: { asked: Connected | null; onClose: () => void }) {
  return (
    <Modal opened={asked !== null} onClose={onClose} title={asked && ignoreLabel(asked)} centered>
      {asked && <Question asked={asked} onClose={onClose} />}
    </Modal>
  );
}

function Question({ asked, onClose }: { asked: Connected; onClose: () => void }) {
  const change = useSystemChange(
    ({ system, surface }) =>
      unwrap(
        `to ignore ${system.name}`,
        api.POST('/api/connected-infrastructure/ignore', { body: referenceTo(surface) }),
      ),
    ({ system, surface }) => {
      say({ kind: 'done', text: `The ${surfaceName(surface.kind)} of ${system.name} is ignored.` });
      onClose();
    },
  );
  return (
    <>
      <Effects asked={asked} />
      <FormProblem error={change.error} />
      <div className={classes.buttons}>
        <Button
          color="red"
          loading={change.isPending}
          onClick={() => {
            change.mutate(asked);
          }}
        >
          Ignore
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </>
  );
}

function Effects({ asked: { system, surface } }: { asked: Connected }) {
  const others = system.surfaces.filter(({ kind }) => kind !== surface.kind).map(({ kind }) => surfaceName(kind));
  return (
    <>
      <p>
        What its {surfaceName(surface.kind)} reports is refused from now on, also after a restart of this server, until
        somebody listens to it again. What only it reports leaves the estate; history and timeline stay.
      </p>
      <p>
        {others.length > 0
          ? `What comes by ${others.join(', ')} stays as it is.`
          : 'Nothing else reports this system: it leaves the estate as a whole.'}{' '}
        On the machine itself nothing changes.
      </p>
    </>
  );
}
