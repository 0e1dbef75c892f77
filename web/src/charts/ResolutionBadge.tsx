// Says what a chart's points are made of, up to when they reach, and when they could not be brought up to date.
import { Popover } from '@mantine/core';
import type { History } from '~/api/types';
import { formatClock, formatTime } from '~/format/time';
import { counted } from '~/format/units';
import { explainArchive, explainResolution, resolutionWords } from './resolution';
import type { ChartWindow } from './window';
import { ArchiveFailure } from './ArchiveFailure';
import classes from './ResolutionBadge.module.css';

type Props = { history: History; window: ChartWindow; failed: boolean };

export function ResolutionBadge({ history, window, failed }: Props) {
  const { knownGaps, from, to } = history;
  const paused = window.type === 'paused';
  return (
    <div className={classes.line}>
      <Popover position="bottom-start" width={320}>
        <Popover.Target>
          <button type="button" className={classes.badge} data-tip="What the points are made of">
            {resolutionWords(history)}
          </button>
        </Popover.Target>
        <Popover.Dropdown aria-label="What the points are made of" className={classes.explained}>
          {[...explainResolution(history), ...explainArchive(history)].map(sentence => (
            <p key={sentence}>{sentence}</p>
          ))}
        </Popover.Dropdown>
      </Popover>
      {window.type === 'span' ? (
        <span>{`${formatTime(Date.parse(from))} to ${formatTime(Date.parse(to))}`}</span>
      ) : (
        <span className={paused ? classes.held : undefined}>
          {paused ? `paused at ${formatTime(window.until)}` : `up to ${formatClock(Date.parse(to))}`}
        </span>
      )}
      {knownGaps.length > 0 && <span>{counted(knownGaps.length, 'known gap', 'known gaps')}, hatched</span>}
      <ArchiveFailure error={history.archiveError} />
      {failed && (
        <span className={classes.failed} role="status">
          could not be brought up to date; trying again
        </span>
      )}
    </div>
  );
}
