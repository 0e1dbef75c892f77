// How long ago something was seen, kept current; the full time on hover.
import { formatAge } from '~/format/time';
import { useNow } from '~/time/useNow';

export function Age({ time }: { time: number | null }) {
  const now = useNow();
  if (time === null) return <span className="dim">never</span>;
  return (
    <time dateTime={new Date(time).toISOString()} data-tip-time={time}>
      {formatAge(time, now)}
    </time>
  );
}
