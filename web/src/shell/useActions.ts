// What can be done from the palette, wherever one is.
import { useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { sessionQuery } from '~/api/queries';
import { useLive, useLiveStatus } from '~/live/LiveContext';
import { say, sayFailure } from '~/notices/toasts';
import { usePreference } from '~/preferences/preferences';
import type { PaletteItem } from './usePaletteItems';
import { useSignOut } from './useSignOut';

type Shows = { onShowKeys: () => void; onShowPreferences: () => void };

export function useActions({ onShowKeys, onShowPreferences }: Shows): PaletteItem[] {
  return [
    ...useLook(),
    usePausing(),
    ...useConnecting(),
    action('copy', 'Copy a link to this page', () => void copyLink()),
    action('preferences', 'Show the preferences', onShowPreferences),
    action('keys', 'Show the keys', onShowKeys),
    useSigningOut(),
  ];
}

function action(id: string, label: string, run: () => void): PaletteItem {
  return { id, group: 'Actions', label, note: 'Action', run };
}

function useLook(): PaletteItem[] {
  const { setColorScheme } = useMantineColorScheme();
  const [density, setDensity] = usePreference('density');
  const [timeZone, setTimeZone] = usePreference('timeZone');
  const [units, setUnits] = usePreference('units');
  const [compact, utc, binary] = [density === 'compact', timeZone === 'UTC', units === 'binary'];
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
    action('density', compact ? 'Comfortable rows' : 'Compact rows', () => {
      setDensity(compact ? 'comfortable' : 'compact');
    }),
    action('zone', utc ? 'Times of this place' : 'Times in UTC', () => {
      setTimeZone(utc ? 'local' : 'UTC');
    }),
    action('units', binary ? 'Bytes in kB, MB, GB' : 'Bytes in KiB, MiB, GiB', () => {
      setUnits(binary ? 'decimal' : 'binary');
    }),
  ];
}

function usePausing(): PaletteItem {
  const { connection } = useLive();
  const paused = useLiveStatus().phase === 'paused';
  return paused
    ? action('resume', 'Go on live', () => {
        connection.start();
      })
    : action('pause', 'Pause live updates', () => {
        connection.pause();
      });
}

function useConnecting(): PaletteItem[] {
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery);
  if (!session?.user?.scopes.includes('connections:write')) return [];
  return [action('connect', 'Add a connection', () => void navigate({ to: '/connections/new' }))];
}

function useSigningOut(): PaletteItem {
  const signOut = useSignOut();
  return action('sign-out', 'Sign out', () => {
    signOut().catch((error: unknown) => {
      sayFailure('You are still signed in.', error);
    });
  });
}

/** The address holds the whole state of a page, so that it is all there is to pass on. */
export async function copyLink(link = window.location.href) {
  try {
    await navigator.clipboard.writeText(link);
    say({ kind: 'done', text: 'The link is copied.' });
  } catch (error) {
    sayFailure('The link was not copied; copy it from the address bar.', error);
  }
}
