// A value's last hour at a glance. Looks like the charts: a line that ends at holes, over a faint fill.
import { sparkAreas, sparkPath, sparkState, type Spark } from './sparkPath';
import classes from './Sparkline.module.css';

const WIDTH = 96;
const HEIGHT = 20;

type Props = { spark: Spark; label: string; top?: number };

/** What is not as it should be, in the words that are shown on hover; empty where all is well. */
const REMARK = {
  loading: 'loading',
  failed: 'could not be read; it is tried again',
  empty: 'nothing was recorded',
  partial: 'with gaps',
  stale: 'not recorded lately',
  whole: '',
} as const;

export function Sparkline({ spark, label, top }: Props) {
  const state = sparkState(spark);
  const said = REMARK[state] ? `${label}: ${REMARK[state]}` : label;
  const values = typeof spark === 'object' ? spark.values : [];
  return (
    <svg
      className={classes.spark}
      data-state={state}
      viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`}
      role="img"
      aria-label={said}
      data-tip={said}
    >
      {state === 'failed' || state === 'empty' || state === 'loading' ? (
        <path className={classes.none} d={`M0 ${HEIGHT}H${WIDTH}`} />
      ) : (
        <>
          <path className={classes.area} d={sparkAreas(values, WIDTH, HEIGHT, top)} />
          <path className={classes.line} d={sparkPath(values, WIDTH, HEIGHT, top)} />
        </>
      )}
      {state === 'failed' && (
        <text className={classes.mark} x={WIDTH / 2} y={HEIGHT - 5} textAnchor="middle">
          not read
        </text>
      )}
    </svg>
  );
}
