// The colours of charts, read from the page's tokens at the time of drawing.
export const SERIES_TOKENS = ['--series-1', '--series-2', '--series-3'] as const;
const BAND_ALPHA = '38';

export type ChartColours = {
  surface: string;
  text: string;
  dim: string;
  grid: string;
  gap: string;
  hatch: string;
  series: string[];
  bands: string[];
};

export function chartColours(element: Element): ChartColours {
  const styles = getComputedStyle(element);
  const token = (name: string) => styles.getPropertyValue(name).trim();
  const series = SERIES_TOKENS.map(token);
  return {
    surface: token('--surface'),
    text: token('--text'),
    dim: token('--dim'),
    grid: token('--grid'),
    gap: token('--gap'),
    hatch: token('--hatch'),
    series,
    bands: series.map(colour => colour + BAND_ALPHA),
  };
}
