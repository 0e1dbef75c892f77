// Hosts with their parts, or all resources side by side.
import type { View, ViewSearch } from './view';
import classes from './Toolbar.module.css';

const MODES: readonly { mode: View['mode']; title: string }[] = [
  { mode: 'tree', title: 'Hosts' },
  { mode: 'flat', title: 'All resources' },
];

type Props = { mode: View['mode']; onChange: (change: Partial<ViewSearch>) => void };

export function ModeSwitch({ mode: current, onChange }: Props) {
  return (
    <div className={classes.modes} role="group" aria-label="Show">
      {MODES.map(({ mode, title }) => (
        <button
          key={mode}
          type="button"
          className={classes.mode}
          aria-pressed={mode === current}
          onClick={() => {
            onChange({ view: mode === 'flat' ? 'all' : undefined, group: undefined, cols: undefined });
          }}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
