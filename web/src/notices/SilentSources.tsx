// Says on every page that some of what it shows is old because those who report it are silent, and who they are.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { overviewQuery } from '~/api/queries';
import { Notice } from '~/components/Notice';
import { useSourceName } from '~/components/sourceNames';
import { formatAge, toMillis } from '~/format/time';
import { counted } from '~/format/units';
import { useNow } from '~/time/useNow';

const GRAIN_MS = 10_000;
const MOST_NAMED = 3;

export function SilentSources() {
  const { data } = useQuery(overviewQuery);
  const now = useNow(GRAIN_MS);
  const nameOf = useSourceName();
  const silent = data?.blindness.silentTotal ?? 0;
  if (!data || silent === 0) return null;
  const named = data.blindness.silent.slice(0, MOST_NAMED).map(({ id, lastSeen }) => {
    const seen = toMillis(lastSeen);
    return `${nameOf(id)} (${seen === null ? 'never heard' : formatAge(seen, now)})`;
  });
  const more = silent - named.length;
  return (
    <Notice
      kind="stale"
      compact
      title={counted(silent, 'source is silent: what it reports is old', 'sources are silent: what they report is old')}
      action={
        <Link to="/" hash="blindness">
          What cannot be seen
        </Link>
      }
    >
      {named.join(', ')}
      {more > 0 && ` and ${more} more`}
    </Notice>
  );
}
