// A page that is a table of resources: what its address says becomes rows, live.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useSyncExternalStore } from 'react';
import { systemsQuery } from '~/api/queries';
import { downloadText } from '~/files/download';
import type { Resource, ResourceId } from '~/api/types';
import type { Estate } from '~/live/estate';
import { useLive, useResources } from '~/live/LiveContext';
import type { ReadingsOf } from '~/live/readings';
import { exportRows } from './csv';
import { EmptyTable } from './EmptyTable';
import { LoadingTable } from './LoadingTable';
import { ResourceTable } from './ResourceTable';
import { flatRows, groupedRows, treeRows, type TreeRow } from './rows';
import { sortsByReadings } from './sortValue';
import type { TableSpec } from './spec';
import { Toolbar } from './Toolbar';
import { useTableModel } from './useTable';
import { isFiltered, nextSort, readView, type View, type ViewSearch } from './view';
import classes from './TablePage.module.css';

const NOTHING_READ: ReadingsOf = new Map();
const NO_RESOURCES: Estate['resources'] = new Map();

/** The readings, where the order depends on them; otherwise always the same nothing, so that no sweep sorts anew. */
function useSortReadings(needed: boolean): ReadingsOf {
  const { store } = useLive();
  return useSyncExternalStore(
    store.subscribe,
    () => (needed ? store.getEstate()?.readings : undefined) ?? NOTHING_READ,
  );
}

/** Those of the resources that the page is about. */
function ofPage(resources: Estate['resources'], { has, treeColumns }: TableSpec): Estate['resources'] {
  // A tree has everything in it: parts stand below what the page is about.
  if (treeColumns) return resources;
  const own = new Map<ResourceId, Resource>();
  for (const resource of resources.values()) if (has(resource)) own.set(resource.id, resource);
  return own;
}

function useRows(resources: Estate['resources'], view: View): TreeRow[] {
  const { data: systems } = useQuery({ ...systemsQuery, enabled: view.mode === 'tree' });
  return useMemo(() => {
    if (view.mode === 'tree') return treeRows(resources, systems ?? [], view.filter);
    const rows = flatRows(resources, view.filter);
    return view.group === null ? rows : groupedRows(rows, view.group);
  }, [resources, systems, view]);
}

type Props = { spec: TableSpec; search: ViewSearch; onSearch: (search: ViewSearch) => void };

export function TablePage({ spec, search, onSearch }: Props) {
  const { store } = useLive();
  const view = useMemo(() => readView(search, spec), [search, spec]);
  const loaded = useResources();
  const known = useDeferredValue(loaded ?? NO_RESOURCES);
  const resources = useMemo(() => ofPage(known, spec), [known, spec]);
  const tree = useRows(resources, view);
  const readings = useSortReadings(sortsByReadings(view.sort.column));
  const { rows, toggle } = useTableModel(tree, readings, view.sort, isFiltered(view.filter));

  const change = (next: Partial<ViewSearch>) => {
    onSearch({ ...search, ...next });
  };
  const saveCsv = () => {
    const shown = rows.map(({ original }) => original);
    const text = exportRows(shown, view.columns, store.getEstate()?.readings ?? NOTHING_READ);
    downloadText(`muster-${spec.page}.csv`, 'text/csv', text);
  };
  return (
    <div className={classes.page}>
      <Toolbar
        spec={spec}
        search={search}
        view={view}
        resources={resources}
        shown={rows.length}
        onChange={change}
        onExport={saveCsv}
      />
      {loaded === undefined && <LoadingTable />}
      {loaded !== undefined && tree.length === 0 && (
        <EmptyTable empty={spec.empty} view={view} any={resources.size > 0} onChange={change} />
      )}
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
