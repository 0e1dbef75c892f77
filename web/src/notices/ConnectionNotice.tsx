// Says above the content that it is not live, how old it is, and what happens next.
import { Button } from '@mantine/core';
import { Notice } from '~/components/Notice';
import { formatAge, formatTime } from '~/format/time';
import { useLive, useLiveStatus } from '~/live/LiveContext';
import { useNow } from '~/time/useNow';

/** A short break is no news: the indicator in the header shows it. */
const WORTH_SAYING_MS = 5000;

export function ConnectionNotice() {
  const status = useLiveStatus();
  const now = useNow();
  const { connection } = useLive();
  if (status.phase !== 'reconnecting' || now - status.since < WORTH_SAYING_MS) return null;
  const retry = (
    <Button
      size="xs"
      variant="default"
      onClick={() => {
        connection.retryNow();
      }}
    >
      Try now
    </Button>
  );
  return (
    <Notice
      kind="stale"
      compact
      title={`Not live: the server was last heard from ${formatAge(status.since, now)}`}
      action={retry}
    >
      Values are from {formatTime(status.since)}. The connection is tried again by itself (attempt {status.attempt}).
    </Notice>
  );
}
