// What the palette offers for a query: resources, pages, actions.
import { useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useLive, useLiveStatus, useResources } from '~/live/LiveContext';
import { KIND } from '~/strings/labels';
import { PAGES } from './pages';
import { search, searchEntry } from './search';
import { useSignOut } from './useSignOut';

export type PaletteItem = { id: string; label: string; note: string; run: () => void };

function useActions(onShowKeys: () => void): PaletteItem[] {
  const { setColorScheme } = useMantineColorScheme();
  const { connection } = useLive();
  const paused = useLiveStatus().phase === 'paused';
  const signOut = useSignOut();
  const action = (id: string, label: string, run: () => void): PaletteItem => ({ id, label, note: 'Action', run });
  return [
    action('light', 'Light colours', () => {
      setColorScheme('light');
    }),
    action('dark', 'Dark colours', () => {
      setColorScheme('dark');
    }),
    action('auto', 'Colours as the system has them', () => {
      setColorScheme('auto');
    }),
    paused
      ? action('resume', 'Go on live', () => {
          connection.start();
        })
      : action('pause', 'Pause live updates', () => {
          connection.pause();
        }),
    action('keys', 'Show the keys', onShowKeys),
    action('sign-out', 'Sign out', () => void signOut()),
  ];
}

export function usePaletteItems(query: string, onShowKeys: () => void): PaletteItem[] {
  const navigate = useNavigate();
  const resources = useResources();
  const actions = useActions(onShowKeys);
  const entries = useMemo(() => [...(resources?.values() ?? [])].map(searchEntry), [resources]);
  const hits = useMemo(() => search(entries, query), [entries, query]);

  const found = hits.flatMap((id): PaletteItem[] => {
    const resource = resources?.get(id);
    if (!resource) return [];
    const place = resource.parentName ? ` of ${resource.parentName}` : '';
    const note = KIND[resource.kind].one + place;
    const run = () => void navigate({ to: '/resources/$id', params: { id } });
    return [{ id, label: resource.canonicalIdentity.displayName, note, run }];
  });
  const pages = PAGES.map(({ path, title }) => ({
    id: path,
    label: title,
    note: 'Page',
    run: () => void navigate({ to: path }),
  }));
  const needle = query.trim().toLowerCase();
  return [...found, ...[...pages, ...actions].filter(({ label }) => label.toLowerCase().includes(needle))];
}
