// The outline of a sparkline. A missing value ends the line; nothing is drawn across it.

/** An SVG path over the box; the scale runs from 0 (or the least value) to `top` (or the greatest). */
export function sparkPath(values: readonly (number | null)[], width: number, height: number, top?: number): string {
  const known = values.filter(value => value !== null);
  if (known.length === 0) return '';
  const least = Math.min(0, ...known);
  const span = Math.max(top ?? 0, ...known) - least || 1;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let path = '';
  let drawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      drawing = false;
      return;
    }
    const x = (index * step).toFixed(1);
    const y = (height - ((value - least) / span) * height).toFixed(1);
    // A lone point still shows: a line of no length with a round cap.
    path += `${drawing ? 'L' : 'M'}${x} ${y}${drawing ? '' : 'h0'}`;
    drawing = true;
  });
  return path;
}
