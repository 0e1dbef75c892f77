// Gathers events that lie too close on a chart to be told apart into one mark. Pure.
import type { ChartEvent } from './events';
import type { Bounds } from './window';

/** Marks closer to each other than this, in pixels, are one: each is as wide, so that it can be hit. */
export const MARKS_APART = { small: 40, large: 24 };

/** One mark: where it stands, in pixels from the left of the plot, and what it stands for, oldest first. */
export type EventCluster = { at: number; left: number; events: readonly ChartEvent[] };

/** The marks of the events within the bounds. Each event is in one; two marks are at least `apart` pixels apart. */
export function clusterEvents(
  events: readonly ChartEvent[],
  { from, to }: Bounds,
  width: number,
  apart: number,
): EventCluster[] {
  const within = events.filter(({ at }) => at >= from && at <= to).toSorted((a, b) => a.at - b.at);
  const clusters: { at: number; left: number; events: ChartEvent[] }[] = [];
  for (const event of within) {
    const left = ((event.at - from) / (to - from)) * width;
    const last = clusters.at(-1);
    if (last && left - last.left < apart) last.events.push(event);
    else clusters.push({ at: event.at, left, events: [event] });
  }
  return clusters;
}

/** The mark next to a time, in either direction; the first or last where there is no time yet. */
export function nextCluster(
  clusters: readonly EventCluster[],
  time: number | null,
  direction: 1 | -1,
): EventCluster | undefined {
  if (direction === 1) return clusters.find(({ at }) => time === null || at > time);
  return clusters.findLast(({ at }) => time === null || at < time);
}
