// One way in which a system is connected; its id for whoever asks.
import type { Surface } from '~/api/types';
import { surfaceName } from '~/strings/surfaces';
import classes from '../Connections.module.css';

export function SurfaceBadge({ surface: { kind, label, idLabel, idValue } }: { surface: Surface }) {
  const id = `${label}, ${idLabel}: ${idValue}`;
  return (
    // Focusable, so that the id is within reach of the keyboard.
    <span className={classes.badge} tabIndex={0} data-tip={id}>
      {surfaceName(kind)}
      <span className="visually-hidden">, {id}</span>
    </span>
  );
}
