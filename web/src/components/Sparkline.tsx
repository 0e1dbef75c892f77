// A value's last hour at a glance.
import { sparkPath } from './sparkPath';
import classes from './Sparkline.module.css';

const WIDTH = 96;
const HEIGHT = 20;

type Props = { values: readonly (number | null)[] | undefined; label: string; top?: number };

export function Sparkline({ values, label, top }: Props) {
  const path = values && sparkPath(values, WIDTH, HEIGHT, top);
  if (!path) return <span className={classes.blank} aria-label={`${label}: no history yet`} role="img" />;
  return (
    <svg
      className={classes.spark}
      viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`}
      role="img"
      aria-label={label}
      data-tip={label}
    >
      <path d={path} />
    </svg>
  );
}
