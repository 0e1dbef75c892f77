// What happened in the whole estate, newest first.
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { timelineQuery } from '~/api/queries';
import type { ChangeKind } from '~/api/types';
import { CHANGE_KIND } from '~/strings/labels';
import { ChoiceMenu } from '~/components/ChoiceMenu';
import { TimelinePanel } from './TimelinePanel';
import { readKinds } from './view';
import classes from './Timeline.module.css';

const route = getRouteApi('/app/timeline');
const REFRESH_MS = 10_000;

export function TimelinePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const kinds = readKinds(search);
  const timeline = useInfiniteQuery({ ...timelineQuery(null, kinds), refetchInterval: REFRESH_MS });
  return (
    <div className={classes.page}>
      <div className={classes.bar}>
        <h1>Timeline</h1>
        <ChoiceMenu
          title="Kind"
          choices={(Object.entries(CHANGE_KIND) as [ChangeKind, string][]).map(([value, label]) => ({ value, label }))}
          chosen={kinds}
          onChange={chosen => void navigate({ search: { kind: chosen.join(',') || undefined }, replace: true })}
        />
      </div>
      <TimelinePanel timeline={timeline} withResources filtered={kinds.length > 0} />
    </div>
  );
}
