// What charts do to the address of their page: zoom, move, go back, lead to an event.
import { useEffect, useMemo, useRef } from 'react';
import { clock } from '~/time/clock';
import type { Steering } from './ChartPage';
import { bounds, readWindow, zoomReset, zoomTo, type WindowSearch } from './window';

/** Makes the next span out of the one before. */
export type SpanChange = (search: WindowSearch) => WindowSearch;

/** Stays the same from one rendering to the next, so that no chart is made anew. */
export function useSteering(change: (next: SpanChange) => void, onEvent?: (id: string) => void): Steering {
  const newest = useRef({ change, onEvent });
  const leads = onEvent !== undefined;
  // An effect, so that what stays the same calls what is newest.
  useEffect(() => {
    newest.current = { change, onEvent };
  });
  return useMemo(
    () => ({
      onZoom: (from, to) => {
        newest.current.change(search => zoomTo(search, from, to));
      },
      onMove: move => {
        newest.current.change(search => {
          const { from, to } = move(bounds(readWindow(search), clock.now()));
          return zoomTo(search, from, to);
        });
      },
      onReset: () => {
        newest.current.change(zoomReset);
      },
      ...(leads && {
        onEvent: (id: string) => {
          newest.current.onEvent?.(id);
        },
      }),
    }),
    [leads],
  );
}
