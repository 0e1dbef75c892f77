// Whether an element is on the screen, so that what nobody sees is not drawn.
import { useEffect, useState, type RefObject } from 'react';

type Listener = (onScreen: boolean) => void;

const listeners = new WeakMap<Element, Listener>();
let observer: IntersectionObserver | undefined;

/** One for all elements: the browser asks each observer in every frame of scrolling. */
function sharedObserver(): IntersectionObserver {
  observer ??= new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
  });
  return observer;
}

/** An effect, because only the browser knows. */
export function useOnScreen(element: RefObject<Element | null>): boolean {
  const [onScreen, setOnScreen] = useState(false);
  useEffect(() => {
    const watched = element.current;
    if (!watched) return;
    listeners.set(watched, setOnScreen);
    sharedObserver().observe(watched);
    return () => {
      sharedObserver().unobserve(watched);
      listeners.delete(watched);
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
