// The ways in which a system is connected, and what can be done about those that can be ignored by themselves.
import { Button } from '@mantine/core';
import type { ConnectedSystem, Surface } from '~/api/types';
import { surfaceName } from '~/strings/surfaces';
import classes from '../Connections.module.css';
import type { Connected } from './useSystemChange';

export function SurfaceBadges({ system }: { system: ConnectedSystem }) {
  return system.surfaces.map(surface => <Badge key={surface.kind} surface={surface} />);
}

function Badge({ surface: { kind, label, idLabel, idValue } }: { surface: Surface }) {
  const id = `${label}, ${idLabel}: ${idValue}`;
  return (
    // Focusable, so that the id is within reach of the keyboard.
    <span className={classes.badge} tabIndex={0} data-tip={id}>
      {surfaceName(kind)}
      <span className="visually-hidden">, {id}</span>
    </span>
  );
}

type ButtonsProps = {
  system: ConnectedSystem;
  action: NonNullable<Surface['action']>;
  short: string;
  labelOf: (what: Connected) => string;
  isBusy?: (surface: Surface) => boolean;
  onChoose: (what: Connected) => void;
};

export function SurfaceButtons({ system, action, short, labelOf, isBusy, onChoose }: ButtonsProps) {
  const open = system.surfaces.filter(surface => surface.action === action);
  return open.map(surface => (
    <Button
      key={surface.kind}
      size="compact-sm"
      variant="default"
      aria-label={labelOf({ system, surface })}
      loading={isBusy?.(surface) ?? false}
      onClick={() => {
        onChoose({ system, surface });
      }}
    >
      {short}
    </Button>
  ));
}
