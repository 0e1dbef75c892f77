// What all charts of a page share: the crosshair, the plots, and what zooming does to the address.
import { useComputedColorScheme } from '@mantine/core';
import { createContext, use, useMemo, useState, type ReactNode } from 'react';
import { Crosshair } from './crosshair';
import type { Plot } from './plot';
import { PlotPool } from './plotPool';
import type { Bounds } from './window';

/** What a chart can do to the span that all of them show. */
export type Steering = {
  onZoom: (from: number, to: number) => void;
  /** Shows another stretch without it being a zoom into this one. */
  onMove: (change: (shown: Bounds) => Bounds) => void;
  onReset: () => void;
  /** Leads to an event; absent where there is nowhere to go. */
  onEvent?: (id: string) => void;
};

type Shared = { crosshair: Crosshair; plots: PlotPool<Plot>; scheme: 'light' | 'dark'; steering: Steering };

const ChartPageContext = createContext<Shared | null>(null);

/** Crosshair, plots and steering stay the same from one rendering to the next, so that charts need not be made anew. */
export function ChartPage({ steering, children }: { steering: Steering; children: ReactNode }) {
  const [crosshair] = useState(() => new Crosshair(show => requestAnimationFrame(show)));
  const [plots] = useState(() => new PlotPool<Plot>());
  const scheme = useComputedColorScheme('light');
  const shared = useMemo(() => ({ crosshair, plots, scheme, steering }), [crosshair, plots, scheme, steering]);
  return <ChartPageContext value={shared}>{children}</ChartPageContext>;
}

export function useChartPage(): Shared {
  const shared = use(ChartPageContext);
  if (shared === null) throw new Error('a chart outside ChartPage asks for the crosshair');
  return shared;
}
