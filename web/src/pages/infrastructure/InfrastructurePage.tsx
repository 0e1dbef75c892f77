// Every host with its parts, or every resource side by side, live.
import { getRouteApi } from '@tanstack/react-router';
import type { TableSpec } from '~/table/spec';
import { TablePage } from '~/table/TablePage';

const route = getRouteApi('/app/infrastructure');

const SPEC: TableSpec = {
  page: 'infrastructure',
  title: 'Infrastructure',
  has: () => true,
  treeColumns: [
    'status',
    'name',
    'number',
    'version',
    'cpu',
    'memory',
    'disk',
    'netin',
    'netout',
    'spark',
    'uptime',
    'seen',
    'sources',
  ],
  columns: ['status', 'name', 'kind', 'parent', 'cpu', 'memory', 'disk', 'netin', 'netout', 'spark', 'seen', 'sources'],
  empty: {
    title: 'No hosts yet',
    lines: [
      'Every host that a source reports appears here, with its filesystems, disks and interfaces.',
      'This server watches its own machine, which shows up within ten seconds of the start.',
    ],
  },
};

export function InfrastructurePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <TablePage spec={SPEC} search={search} onSearch={next => void navigate({ search: next, replace: true })} />;
}
