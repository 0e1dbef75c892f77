// When something is next, kept current; the full time on hover.
import { formatSpan } from '~/format/time';
import { useNow } from '~/time/useNow';

export function Due({ time }: { time: number | null }) {
  const now = useNow();
  if (time === null) return <span className="dim">not planned</span>;
  return (
    <time dateTime={new Date(time).toISOString()} data-tip-time={time}>
      {time > now ? `in ${formatSpan(time - now)}` : 'now'}
    </time>
  );
}
