// Says whether what is on the screen is live, since when it is not, and lets people pause it.
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { formatAge, formatSpan } from '~/format/time';
import { useLive, useLiveStatus } from '~/live/LiveContext';
import type { LiveStatus } from '~/live/status';
import { useNow } from '~/time/useNow';
import classes from './LiveIndicator.module.css';

/** `since` is left out on a small screen, where there is no room for it. */
type Description = { word: string; since?: string; more: string };

function describe(status: LiveStatus, now: number): Description {
  switch (status.phase) {
    case 'connecting':
      return { word: 'Connecting', more: 'Waiting for the server.' };
    case 'live':
      return { word: 'Live', more: 'Changes appear as they happen.' };
    case 'reconnecting':
      return {
        word: 'Reconnecting',
        since: `, lost ${formatAge(status.since, now)}`,
        more: 'What is on the screen is from before the connection was lost. It is being tried again.',
      };
    case 'polling':
      return {
        word: 'Not live',
        since: `, asking again and again for ${formatSpan(now - status.since)}`,
        more: 'The live connection does not get through; the picture is read anew every few seconds instead.',
      };
    case 'paused':
      return {
        word: 'Paused',
        since: ` ${formatAge(status.since, now)}`,
        more: 'Nothing on the screen changes until you go on.',
      };
  }
}

export function LiveIndicator() {
  const status = useLiveStatus();
  const { connection } = useLive();
  const { word, since, more } = describe(status, useNow());
  const paused = status.phase === 'paused';
  const Icon = paused ? IconPlayerPlay : IconPlayerPause;
  const toggle = () => {
    if (paused) connection.start();
    else connection.pause();
  };
  return (
    <div className={classes.indicator} data-phase={status.phase} data-tip={more}>
      <span className={classes.dot} aria-hidden />
      <span className={classes.word} role="status">
        {word}
        <span className={classes.since}>{since}</span>
      </span>
      <button type="button" className={classes.toggle} onClick={toggle} aria-label={paused ? 'Go on live' : 'Pause'}>
        <Icon size={14} aria-hidden />
      </button>
    </div>
  );
}
