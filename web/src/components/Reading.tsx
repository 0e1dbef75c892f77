// One current value. Unknown is a word with its reason, never a number or a dash; a stale value carries its age (D-9).
import type { Unit } from '~/api/types';
import { formatAge } from '~/format/time';
import { formatValue } from '~/format/units';
import type { LiveReading } from '~/live/estate';
import { UNKNOWN_REASON, UNKNOWN_SINCE_LAST_SWEEP } from '~/strings/labels';
import { useNow } from '~/time/useNow';
import { needsAge } from './stale';
import classes from './Reading.module.css';

export function UnknownValue({ why }: { why: string }) {
  return (
    // Focusable, so that the reason is within reach of the keyboard.
    <span className={classes.unknown} tabIndex={0} data-tip={why}>
      unknown
      <span className="visually-hidden">: {why}</span>
    </span>
  );
}

export function unknownWhy(reading: Extract<LiveReading, { state: 'unknown' }>): string {
  return reading.reason === null ? UNKNOWN_SINCE_LAST_SWEEP : UNKNOWN_REASON[reading.reason];
}

type Props = {
  reading: LiveReading;
  unit: Unit;
  /** The time whose age stands beside the value already, as in a row that says when it was last seen. */
  seen?: number | null;
};

export function Reading({ reading, unit, seen = null }: Props) {
  switch (reading.state) {
    case 'known':
      return (
        <span className={classes.value}>
          {formatValue(unit, reading.value)}
          <StaleAge at={reading.at} seen={seen} />
        </span>
      );
    case 'unknown':
      return <UnknownValue why={unknownWhy(reading)} />;
  }
}

/** The age of a value, once it is stale and nothing beside it says so. */
export function StaleAge({ at, seen }: { at: number; seen: number | null }) {
  const now = useNow(5000);
  if (!needsAge(at, seen, now)) return null;
  return <span className={classes.age}> {formatAge(at, now)}</span>;
}
