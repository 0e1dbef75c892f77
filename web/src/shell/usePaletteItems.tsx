// What the palette offers for a query: resources, pages, saved views, actions.
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { searchQuery, viewsQuery } from '~/api/queries';
import type { ResourceId, SearchHit } from '~/api/types';
import { useResources } from '~/live/LiveContext';
import { KIND, SEARCH_FIELD } from '~/strings/labels';
import { PAGE_PATH } from '~/views/pagePath';
import { parseSearch } from '~/searchParams';
import type { Page, Side } from './pages';
import { search, searchEntry } from './search';
import { useActions } from './useActions';
import { usePages } from './usePages';

export type PaletteItem = {
  id: string;
  group: 'Resources' | 'Pages' | 'Saved views' | 'Actions';
  label: string;
  note: string;
  run: () => void;
};

type Found = { items: PaletteItem[]; total: number };

/** Short enough to be there with the next letter, long enough not to ask for each letter of a fast hand. */
const SETTLE_MS = 40;

/**
 * Resources as the server finds them; as this browser finds them until it has answered, and while it is away. The server
 * knows more: keys on the platform, hardware addresses in any spelling.
 */
function useFound(query: string): Found {
  const navigate = useNavigate();
  const resources = useResources();
  const [settled] = useDebouncedValue(query, SETTLE_MS);
  const { data } = useQuery(searchQuery(settled));
  const entries = useMemo(() => [...(resources?.values() ?? [])].map(searchEntry), [resources]);
  const own = useMemo(() => search(entries, query), [entries, query]);
  const open = (id: ResourceId) => () => void navigate({ to: '/resources/$id', params: { id } });
  if (data && settled === query) {
    const items = data.hits.map(hit => resourceItem(hit.id, hit.name, noteOf(hit), open(hit.id)));
    return { items, total: data.total };
  }
  const items = own.flatMap(id => {
    const resource = resources?.get(id);
    if (!resource) return [];
    const { kind, parentName, canonicalIdentity } = resource;
    return [resourceItem(id, canonicalIdentity.displayName, placeOf(kind, parentName), open(id))];
  });
  return { items, total: items.length };
}

function resourceItem(id: ResourceId, label: string, note: string, run: () => void): PaletteItem {
  return { id, group: 'Resources', label, note, run };
}

function placeOf(kind: SearchHit['kind'], parentName: string | null | undefined): string {
  return KIND[kind].one + (parentName ? ` of ${parentName}` : '');
}

/** Where it is, and by what it was found unless that is its name. */
function noteOf({ kind, parentName, field, value }: SearchHit): string {
  const place = placeOf(kind, parentName);
  return field === 'name' ? place : `${SEARCH_FIELD[field]} ${value}, ${place}`;
}

function usePlaces(): PaletteItem[] {
  const navigate = useNavigate();
  const pageItem = ({ path, title }: Page | Side, note: string): PaletteItem => {
    return { id: path, group: 'Pages', label: title, note, run: () => void navigate({ to: path }) };
  };
  const pages = usePages().flatMap(page => [
    pageItem(page, 'Page'),
    ...(page.sides ?? []).map(side => pageItem(side, `Page of ${page.title}`)),
  ]);
  const { data: views } = useQuery(viewsQuery);
  const saved = (views ?? []).map(({ id, name, page, query, own, owner }): PaletteItem => {
    const path = PAGE_PATH[page];
    const run = () => void navigate({ to: path, search: parseSearch(query) as never });
    return { id, group: 'Saved views', label: name, note: own ? 'Your view' : `View of ${owner}`, run };
  });
  return [...pages, ...saved];
}

export function usePaletteItems(
  query: string,
  shows: { onShowKeys: () => void; onShowPreferences: () => void },
): Found {
  const { items, total } = useFound(query);
  const places = usePlaces();
  const actions = useActions(shows);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const others = [...places, ...actions].filter(({ label }) => words.every(word => label.toLowerCase().includes(word)));
  return { items: [...items, ...others], total };
}
