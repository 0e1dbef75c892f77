// Short messages about what has just been done: the one place that says so, for every page. Kept outside of the
// components, so that anything can speak.
import { useSyncExternalStore } from 'react';

export type Toast = {
  id: number;
  kind: 'done' | 'failed';
  text: string;
  /** What can be done about it, such as taking it back. */
  action?: { label: string; run: () => void };
};

/** More would hide the page; the oldest goes. */
const MOST = 4;
/** What was done may go by itself; what failed stays until it is read. */
const STAYS_MS = 6000;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function become(next: readonly Toast[]) {
  toasts = next;
  for (const listener of listeners) listener();
}

export function dismissToast(id: number) {
  become(toasts.filter(toast => toast.id !== id));
}

/** Says something. */
export function say(toast: Omit<Toast, 'id'>) {
  lastId += 1;
  const id = lastId;
  become([...toasts, { ...toast, id }].slice(-MOST));
  if (toast.kind === 'done') setTimeout(dismissToast, STAYS_MS, id);
}

/** Says that something was not done, and why. */
export function sayFailure(attempt: string, error: unknown) {
  const why = error instanceof Error ? error.message : 'The reason is unknown.';
  say({ kind: 'failed', text: `${attempt} ${why}` });
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(subscribe, () => toasts);
}
