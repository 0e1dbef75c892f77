// Takes the focus away with the row that had it. An element that comes to show another row would keep it otherwise, and what
// was meant for one row would happen to another.
import { useLayoutEffect, useRef, type RefObject } from 'react';

/** For an element that shows `id`, and something else at another time. */
export function useOwnFocus<Shown extends HTMLElement>(id: string): RefObject<Shown | null> {
  const element = useRef<Shown>(null);
  const shown = useRef(id);
  useLayoutEffect(() => {
    if (shown.current === id) return;
    shown.current = id;
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && element.current?.contains(activeElement)) activeElement.blur();
  }, [id]);
  return element;
}
