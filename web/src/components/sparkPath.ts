// The outline of a sparkline and what it amounts to. Pure. A missing value ends the line; nothing is drawn across it.

/** `null` is a hole, `undefined` lies between two samples. */
type Values = readonly (number | null | undefined)[];

/** What there is to draw, and whether it ends in a gap; or why there is nothing. */
export type Spark = { values: Values; silent: boolean } | 'loading' | 'failed';

export type SparkState = 'loading' | 'failed' | 'empty' | 'partial' | 'stale' | 'whole';

/** The newest points come a little late, and are no reason to call a line stale. */
const LATE_SHARE = 0.1;

export function sparkState(spark: Spark): SparkState {
  if (spark === 'loading' || spark === 'failed') return spark;
  const { values, silent } = spark;
  const [first, last] = [values.findIndex(value => value !== null), values.findLastIndex(value => value !== null)];
  if (last === -1) return 'empty';
  // A slow metric has no newest points either, and is well: only a gap says that something is missing (D-10).
  if (silent && values.length - 1 - last > Math.max(1, values.length * LATE_SHARE)) return 'stale';
  return values.slice(first, last + 1).includes(null) ? 'partial' : 'whole';
}

type Point = { x: number; y: number };

/** The stretches without holes, placed in the box; the scale runs from 0 (or the least value) to `top` (or the greatest). */
function stretches(values: Values, width: number, height: number, top?: number): Point[][] {
  const known = values.filter(value => typeof value === 'number');
  if (known.length === 0) return [];
  const least = Math.min(0, ...known);
  const span = Math.max(top ?? 0, ...known) - least || 1;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const found: Point[][] = [];
  values.forEach((value, index) => {
    if (typeof value !== 'number') return;
    const point = { x: index * step, y: height - ((value - least) / span) * height };
    if (index > 0 && values[index - 1] !== null) found.at(-1)?.push(point);
    else found.push([point]);
  });
  return found;
}

const written = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** The line, as an SVG path. A lone point still shows: a line of no length with a round cap. */
export function sparkPath(values: Values, width: number, height: number, top?: number): string {
  return stretches(values, width, height, top)
    .map(([first, ...rest]) => (first ? `M${written(first)}h0${rest.map(point => `L${written(point)}`).join('')}` : ''))
    .join('');
}

/** What lies below the line, as an SVG path. */
export function sparkAreas(values: Values, width: number, height: number, top?: number): string {
  return stretches(values, width, height, top)
    .map(points => {
      const [left, right] = [points[0]?.x ?? 0, points.at(-1)?.x ?? 0];
      return `M${left.toFixed(1)} ${height}${points.map(point => `L${written(point)}`).join('')}L${right.toFixed(1)} ${height}Z`;
    })
    .join('');
}
