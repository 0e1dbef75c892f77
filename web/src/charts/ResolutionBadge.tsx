// Says what a chart's points are made of, and when they could not be brought up to date.
import type { History } from '~/api/types';
import { formatClock, formatStep } from '~/format/time';
import { TIER } from '~/strings/labels';
import classes from './ResolutionBadge.module.css';

export function ResolutionBadge({ history, failed }: { history: History; failed: boolean }) {
  const { stepSeconds, tier, to, knownGaps } = history;
  return (
    <p className={classes.line}>
      <span className={classes.badge} data-tip="The width of a point, and the stored resolution that it was made of">
        {formatStep(stepSeconds)} {TIER[tier]}
      </span>
      <span>up to {formatClock(Date.parse(to))}</span>
      {knownGaps.length > 0 && <span>{knownGaps.length === 1 ? '1 known gap' : `${knownGaps.length} known gaps`}</span>}
      {failed && <span className={classes.failed}>could not be brought up to date; trying again</span>}
    </p>
  );
}
