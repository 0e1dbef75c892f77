// How full storage is as a whole, when that will be too much, and which of it is the fullest.
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { storageSummaryQuery } from '~/api/queries';
import type { Overview, StorageSummary } from '~/api/types';
import { Meter } from '~/components/Meter';
import { Panel } from '~/components/Panel';
import { ProblemNotice } from '~/components/ProblemNotice';
import { Sparkline } from '~/components/Sparkline';
import { formatSpan } from '~/format/time';
import { counted, formatBytes, formatPercent } from '~/format/units';
import { forecast } from './fill';
import classes from './Overview.module.css';

const RANGE = '7d';
const PERCENT_TOP = 100;

export function StoragePanel({ fullest }: { fullest: Overview['fullest'] }) {
  const { data, error, isError, refetch } = useQuery(storageSummaryQuery(RANGE));
  return (
    <Panel title="Storage that fills" aside={<Link to="/storage">Storage</Link>} flush>
      {data && <Whole summary={data} />}
      {!data && isError && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !isError && <Skeleton height={40} m={12} role="status" aria-label="Loading how full storage is" />}
      {fullest?.length === 0 && <p className={classes.none}>No storage tells how full it is.</p>}
      <ul className={classes.list}>
        {fullest?.map(({ id, name, parentName, usage, avail, at }) => (
          <li key={id} className={classes.line}>
            <span className={classes.what}>
              <Link to="/resources/$id" params={{ id }}>
                {name}
              </Link>{' '}
              <span className="dim">
                {parentName && `of ${parentName}, `}
                {typeof avail === 'number' ? `${formatBytes(avail)} free` : 'free space unknown'}
              </span>
            </span>
            <span className={classes.meter}>
              <span className="visually-hidden">Use </span>
              <Meter reading={{ state: 'known', value: usage, at: Date.parse(at) }} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Whole({ summary }: { summary: StorageSummary }) {
  const now = summary.capacity.findLast(percent => percent !== null);
  const missing = summary.missing.at(-1) ?? 0;
  if (typeof now !== 'number') return null;
  return (
    <div className={classes.whole}>
      <Sparkline
        spark={{ values: summary.capacity, silent: summary.capacity.at(-1) === null }}
        label="Use of all storage over seven days"
        top={PERCENT_TOP}
      />
      <span>
        <strong>{formatPercent(now)}</strong> of all in use. {outlook(summary)}
        {missing > 0 && ` ${counted(missing, 'storage', 'storages')} told nothing and are not counted.`}
      </span>
    </div>
  );
}

function outlook(summary: StorageSummary): string {
  const next = forecast(summary);
  switch (next.outlook) {
    case 'unclear':
      return 'Too little is known to say where it goes.';
    case 'steady':
      return 'It does not fill.';
    case 'full':
      return `It fills by ${formatBytes(next.bytesPerDay)} a day and would be full in ${formatSpan(next.inMillis)}.`;
  }
}
