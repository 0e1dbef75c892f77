// What a menu or popover needs to stand at a button that is drawn elsewhere (see `useOpener`).
import { useDeferredValue, useImperativeHandle, type Ref } from 'react';
import type { Opening } from './useOpener';

/** Closed at first, and opened right after: what is open from its first moment on would not know where the focus was. */
export function useOpeningProps({ id, opened, onChange }: Opening) {
  return { id, opened: useDeferredValue(opened, false), onChange };
}

/** Stands for the button where the library wants to have it as a child. */
export function AtButton({ target, ref }: { target: HTMLElement; ref?: Ref<HTMLElement> }) {
  useImperativeHandle(ref, () => target, [target]);
  return null;
}
