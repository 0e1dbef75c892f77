// The page of a resource: head, charts, parts, facts, timeline, and why it is one resource.
import { getRouteApi } from '@tanstack/react-router';
import { useInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { timelineQuery } from '~/api/queries';
import type { Metric, Resource } from '~/api/types';
import { RangePicker } from '~/charts/RangePicker';
import { useSteering } from '~/charts/useSteering';
import { readWindow, type WindowSearch } from '~/charts/window';
import { Panel } from '~/components/Panel';
import { useRowReadings, useWatch } from '~/live/LiveContext';
import { changeHash } from '../timeline/ChangeRow';
import { TimelinePanel } from '../timeline/TimelinePanel';
import { BackupPanel } from './BackupPanel';
import { CephPanel } from './CephPanel';
import { ChildrenPanels } from './ChildrenPanels';
import { DiskPanel } from './DiskPanel';
import { FacetPanels } from './FacetPanels';
import { GuestPanels } from './GuestPanels';
import { IdentityPanel } from './IdentityPanel';
import { MemoryPanel } from './MemoryPanel';
import { ProtectionPanels } from './ProtectionPanels';
import { ReadingsPanel } from './ReadingsPanel';
import { ResourceHead } from './ResourceHead';
import { StaleSources } from './StaleSources';
import { ZfsPanel } from './ZfsPanel';
import { charted } from './charted';
import { useChildren } from './useChildren';
import classes from './ResourceView.module.css';

const ChartGrid = lazy(async () => ({ default: (await import('~/charts/ChartGrid')).ChartGrid }));
const route = getRouteApi('/app/resources/$id');

export function ResourceView({ resource }: { resource: Resource }) {
  const search = route.useSearch();
  const children = useChildren(resource.id);
  useWatch([resource.id, ...children.map(({ id }) => id)]);
  const readings = useRowReadings(resource.id);
  const names = charted(readings).join();
  const metrics = useMemo(() => new Set(names.split(',').filter(Boolean) as Metric[]), [names]);
  const window = useMemo(() => readWindow(search), [search]);
  const timeline = useInfiniteQuery(timelineQuery(resource.id, []));
  const navigate = route.useNavigate();
  const show = (next: WindowSearch | ((search: WindowSearch) => WindowSearch)) =>
    void navigate({ search: next, resetScroll: false });
  const steering = useSteering(show, id => {
    void navigate({ search: true, hash: changeHash(id), resetScroll: false, hashScrollIntoView: false });
  });
  return (
    <div className={classes.page}>
      <ResourceHead resource={resource} readings={readings} />
      <StaleSources resource={resource} lastSeen={readings.lastSeen} />
      <div className={classes.columns}>
        <div className={classes.main}>
          <Panel title="Charts" aside={<RangePicker search={search} window={window} onChange={show} />}>
            <Suspense fallback={<p className="dim">Loading the charts</p>}>
              <ChartGrid resource={resource} metrics={metrics} window={window} steering={steering} />
            </Suspense>
          </Panel>
          <DiskPanel resource={resource} readings={readings} />
          <CephPanel resource={resource} />
          <ZfsPanel resource={resource} />
          <BackupPanel resource={resource} />
          <GuestPanels resource={resource} />
          <ProtectionPanels resource={resource} />
          <MemoryPanel resource={resource} />
          <ChildrenPanels parts={children} />
          <TimelinePanel timeline={timeline} />
        </div>
        <div className={classes.aside}>
          <ReadingsPanel resource={resource} readings={readings} />
          <FacetPanels resource={resource} lastSeen={readings.lastSeen} />
          <IdentityPanel resource={resource} />
        </div>
      </div>
    </div>
  );
}
