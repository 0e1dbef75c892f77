// A share of something: the value beside a bar. The bar turns to the warning colours only where the share is high.
import type { LiveReading } from '~/live/estate';
import { formatPercent } from '~/format/units';
import { StaleAge, UnknownValue, unknownWhy } from './Reading';
import classes from './Meter.module.css';

const HIGH = 80;
const VERY_HIGH = 90;

function level(percent: number): 'normal' | 'high' | 'very-high' {
  if (percent >= VERY_HIGH) return 'very-high';
  return percent >= HIGH ? 'high' : 'normal';
}

/** Not by a custom property: with one, each new value would have the browser compute all styles of the bar. */
function filledUpTo(percent: number) {
  return { backgroundSize: `${Math.min(100, Math.max(0, percent))}% 100%` };
}

type Props = {
  reading: LiveReading | undefined;
  /** The time whose age stands beside the value already. */
  seen?: number | null;
  /** Why it is unknown or not exact, where more is known of that than the reading says. */
  doubt?: string;
};

export function Meter({ reading, seen = null, doubt }: Props) {
  if (reading === undefined) return null;
  if (reading.state === 'unknown') return <UnknownValue why={doubt ?? unknownWhy(reading)} />;
  const percent = reading.value;
  return (
    <span className={classes.meter} data-level={level(percent)} {...(doubt && { 'data-tip': doubt })}>
      <span className={classes.value}>{formatPercent(percent)}</span>
      <span className={classes.track} aria-hidden style={filledUpTo(percent)} />
      <StaleAge at={reading.at} seen={seen} />
    </span>
  );
}
