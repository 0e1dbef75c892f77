// The charts to choose from, as the estate has them.
import { useMemo, useSyncExternalStore } from 'react';
import { useLive } from '~/live/LiveContext';
import { choiceSelector, type ChartsSearch, type Choice } from './view';

/** Undefined before the estate is known. Renders when the choice changes, and not with each sweep. */
export function useChoice(search: ChartsSearch): Choice | undefined {
  const { store } = useLive();
  const { kind, chart, q } = search;
  const select = useMemo(() => choiceSelector({ kind, chart, q }), [kind, chart, q]);
  return useSyncExternalStore(store.subscribe, () => select(store.getEstate()));
}
