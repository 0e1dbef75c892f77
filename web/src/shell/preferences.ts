// Choices that belong to this browser and outlive a visit. Storage may be switched off; then they last for the visit.
import { useSyncExternalStore } from 'react';

type Preferences = { sidebar: 'wide' | 'narrow'; density: 'comfortable' | 'compact' };

const PREFIX = 'muster.';
const DEFAULTS: Preferences = { sidebar: 'wide', density: 'compact' };
const ALLOWED: { [Name in keyof Preferences]: readonly Preferences[Name][] } = {
  sidebar: ['wide', 'narrow'],
  density: ['comfortable', 'compact'],
};

const chosen: Partial<Preferences> = {};
const listeners = new Set<() => void>();

function stored(name: string): string | null {
  try {
    return window.localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

function read<Name extends keyof Preferences>(name: Name): Preferences[Name] {
  const value = chosen[name] ?? ALLOWED[name].find(allowed => allowed === stored(name)) ?? DEFAULTS[name];
  chosen[name] = value;
  return value;
}

function write<Name extends keyof Preferences>(name: Name, value: Preferences[Name]) {
  chosen[name] = value;
  try {
    window.localStorage.setItem(PREFIX + name, value);
  } catch {
    // It lasts for this visit.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreference<Name extends keyof Preferences>(name: Name) {
  const value = useSyncExternalStore(subscribe, () => read(name));
  const set = (next: Preferences[Name]) => {
    write(name, next);
  };
  return [value, set] as const;
}
