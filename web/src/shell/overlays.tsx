// What opens over a page. Its code is asked for when it first opens: nobody waits for it to see a table. Where the code does
// not come, that is said, and opening it again asks again.
import { CatchBoundary, lazyRouteComponent } from '@tanstack/react-router';
import { Suspense, type ReactNode } from 'react';
import { fetched } from '~/api/fetched';
import { Notice } from '~/components/Notice';
import classes from './Shell.module.css';

export const Palette = lazyRouteComponent(() => fetched(import('./Palette')), 'Palette');
export const KeySheet = lazyRouteComponent(() => fetched(import('./KeySheet')), 'KeySheet');
export const Preferences = lazyRouteComponent(() => fetched(import('~/preferences/Preferences')), 'Preferences');

const OVERLAYS = { palette: Palette, keys: KeySheet, preferences: Preferences };

export type OverlayName = keyof typeof OVERLAYS;

/** Asks for the code of an overlay, anew where it did not come before. */
export function askFor(name: OverlayName) {
  void OVERLAYS[name].preload?.();
}

type Props = { opened: OverlayName | null; children: ReactNode };

export function Overlay({ opened, children }: Props) {
  return (
    <CatchBoundary getResetKey={() => opened ?? ''} errorComponent={Away}>
      <Suspense fallback={null}>{children}</Suspense>
    </CatchBoundary>
  );
}

function Away() {
  return (
    <div className={classes.away}>
      <Notice kind="unreachable" compact title="The server did not answer when it was asked for this">
        Try again once it is back.
      </Notice>
    </div>
  );
}
