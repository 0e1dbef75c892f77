// The current time as a value to render.
import { useSyncExternalStore } from 'react';
import { clock } from './clock';

/** Epoch milliseconds, rounded down to a grain so that a component renders no more often than what it shows changes. */
export function useNow(grainMilliseconds = 1000): number {
  return useSyncExternalStore(clock.subscribe, () => Math.floor(clock.now() / grainMilliseconds) * grainMilliseconds);
}
