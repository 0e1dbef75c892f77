// Everything that runs, whatever the platform: virtual machines, containers, pods.
import { getRouteApi } from '@tanstack/react-router';
import { WORKLOAD_KINDS } from '~/table/kinds';
import type { TableSpec } from '~/table/spec';
import { TablePage } from '~/table/TablePage';

const route = getRouteApi('/app/workloads');

const SPEC: TableSpec = {
  page: 'workloads',
  title: 'Workloads',
  has: ({ kind }) => WORKLOAD_KINDS.has(kind),
  columns: [
    'status',
    'name',
    'kind',
    'node',
    'number',
    'pool',
    'tags',
    'ha',
    'lock',
    'cpu',
    'memory',
    'disk',
    'netin',
    'netout',
    'spark',
    'seen',
  ],
  empty: {
    title: 'Nothing runs here yet',
    lines: [
      'Virtual machines, containers and pods appear here as soon as a source reports them.',
      'An agent on a container host, or a connection to the platform, is such a source.',
    ],
  },
};

export function WorkloadsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <TablePage spec={SPEC} search={search} onSearch={next => void navigate({ search: next, replace: true })} />;
}
