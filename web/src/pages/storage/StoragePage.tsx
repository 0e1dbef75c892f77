// Everything that holds data: filesystems, pools, disks, shares. The fullest stand first once they are sorted so.
import { getRouteApi } from '@tanstack/react-router';
import { STORAGE_KINDS } from '~/table/kinds';
import type { TableSpec } from '~/table/spec';
import { TablePage } from '~/table/TablePage';

const route = getRouteApi('/app/storage');

const SPEC: TableSpec = {
  page: 'storage',
  title: 'Storage',
  has: ({ kind }) => STORAGE_KINDS.has(kind),
  columns: [
    'status',
    'name',
    'kind',
    'parent',
    'type',
    'shared',
    'nodes',
    'content',
    'model',
    'size',
    'smart',
    'risk',
    'life',
    'poolState',
    'disk',
    'used',
    'avail',
    'temperature',
    'diskread',
    'diskwrite',
    'spark',
    'seen',
  ],
  empty: {
    title: 'No storage yet',
    lines: [
      'Filesystems, pools and disks appear here as soon as a source reports them.',
      'An agent reports those of its own machine.',
    ],
  },
};

export function StoragePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return <TablePage spec={SPEC} search={search} onSearch={next => void navigate({ search: next, replace: true })} />;
}
