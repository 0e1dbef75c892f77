// Whether an element is on the screen, so that what nobody sees is not drawn.
import { useEffect, useState, type RefObject } from 'react';

/** An effect, because only the browser knows. */
export function useOnScreen(element: RefObject<Element | null>): boolean {
  const [onScreen, setOnScreen] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(entries => {
      setOnScreen(entries.at(-1)?.isIntersecting ?? false);
    });
    observer.observe(element.current);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return onScreen;
}

/** The newest value there was while on the screen: what has not changed is not rendered. */
export function useWhileOnScreen<Value>(value: Value, onScreen: boolean): Value {
  const [shown, setShown] = useState(value);
  if (onScreen && shown !== value) setShown(value);
  return onScreen ? value : shown;
}
