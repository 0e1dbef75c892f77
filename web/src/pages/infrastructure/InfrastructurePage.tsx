// Home: every host with its parts, or every resource, live.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useDeferredValue, useMemo, useSyncExternalStore } from 'react';
import { systemsQuery } from '~/api/queries';
import { downloadText } from '~/files/download';
import type { Estate } from '~/live/estate';
import { useLive, useResources } from '~/live/LiveContext';
import { ConnectionNotice } from '~/shell/ConnectionNotice';
import { exportRows } from './csv';
import { EmptyTable } from './EmptyTable';
import { LoadingTable } from './LoadingTable';
import { ResourceTable } from './ResourceTable';
import { flatRows, treeRows } from './rows';
import { sortsByReadings } from './sortValue';
import { Toolbar } from './Toolbar';
import { useTableModel } from './useTable';
import { isFiltered, nextSort, readView, type ViewSearch } from './view';
import classes from './InfrastructurePage.module.css';

const route = getRouteApi('/app/');
const NOTHING_READ: Estate['readings'] = new Map();
const NO_RESOURCES: Estate['resources'] = new Map();

/** The readings, where the order depends on them; otherwise always the same nothing, so that no sweep sorts anew. */
function useSortReadings(needed: boolean): Estate['readings'] {
  const { store } = useLive();
  return useSyncExternalStore(
    store.subscribe,
    () => (needed ? store.getEstate()?.readings : undefined) ?? NOTHING_READ,
  );
}

export function InfrastructurePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { store } = useLive();
  const view = useMemo(() => readView(search), [search]);
  const loaded = useResources();
  const resources = useDeferredValue(loaded ?? NO_RESOURCES);
  const { data: systems } = useQuery(systemsQuery);
  const tree = useMemo(
    () => (view.mode === 'all' ? flatRows(resources, view.filter) : treeRows(resources, systems ?? [], view.filter)),
    [resources, systems, view],
  );
  const readings = useSortReadings(sortsByReadings(view.sort.column));
  const { rows, toggle } = useTableModel(tree, readings, view.sort, isFiltered(view.filter));

  const change = (next: Partial<ViewSearch>) => void navigate({ search: { ...search, ...next }, replace: true });
  const saveCsv = () => {
    const shown = rows.map(({ original }) => original);
    downloadText(
      'muster-resources.csv',
      'text/csv',
      exportRows(shown, view.columns, store.getEstate()?.readings ?? NOTHING_READ),
    );
  };
  return (
    <div className={classes.page}>
      <Toolbar view={view} resources={resources} shown={rows.length} onChange={change} onExport={saveCsv} />
      <ConnectionNotice inset />
      {loaded === undefined && <LoadingTable />}
      {loaded !== undefined && tree.length === 0 && <EmptyTable view={view} any={loaded.size > 0} onChange={change} />}
      {loaded !== undefined && tree.length > 0 && (
        <ResourceTable
          rows={rows}
          view={view}
          onToggle={toggle}
          onSort={column => {
            change({ sort: nextSort(view.sort, column) });
          }}
        />
      )}
    </div>
  );
}
