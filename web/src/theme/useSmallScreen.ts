// Whether the layout is the one for small screens.
import { useSyncExternalStore } from 'react';
import { SMALL_SCREEN } from './screens';

let query: MediaQueryList | undefined;

/** Asked for once: each new question makes the browser bring the styles of the page up to date. */
function smallScreen(): MediaQueryList {
  query ??= window.matchMedia(SMALL_SCREEN);
  return query;
}

function subscribe(listener: () => void): () => void {
  smallScreen().addEventListener('change', listener);
  return () => {
    smallScreen().removeEventListener('change', listener);
  };
}

export function useSmallScreen(): boolean {
  return useSyncExternalStore(subscribe, () => smallScreen().matches);
}
