// Choices that belong to this browser and outlive a visit. Storage may be switched off; then they last for the visit.
import { useSyncExternalStore } from 'react';
import { isTimeZone, writeAs, type Style } from '~/format/style';

type Preferences = Style & {
  sidebar: 'wide' | 'narrow';
  density: 'comfortable' | 'compact';
};

const PREFIX = 'muster.';
const DEFAULTS: Preferences = { sidebar: 'wide', density: 'compact', timeZone: 'local', units: 'binary' };
const ALLOWED: { [Name in keyof Preferences]: (text: string) => Preferences[Name] | undefined } = {
  sidebar: oneOf('wide', 'narrow'),
  density: oneOf('comfortable', 'compact'),
  timeZone: text => (text === 'local' || isTimeZone(text) ? text : undefined),
  units: oneOf('binary', 'decimal'),
};

function oneOf<Word extends string>(...words: Word[]): (text: string) => Word | undefined {
  return text => words.find(word => word === text);
}

const chosen: Partial<Preferences> = {};
const listeners = new Set<() => void>();

function stored<Name extends keyof Preferences>(name: Name): Preferences[Name] | undefined {
  try {
    const text = window.localStorage.getItem(PREFIX + name);
    return text === null ? undefined : ALLOWED[name](text);
  } catch {
    return undefined;
  }
}

function readPreference<Name extends keyof Preferences>(name: Name): Preferences[Name] {
  const value: Preferences[Name] = chosen[name] ?? stored(name) ?? DEFAULTS[name];
  chosen[name] = value;
  return value;
}

function writePreference<Name extends keyof Preferences>(name: Name, value: Preferences[Name]) {
  chosen[name] = value;
  try {
    window.localStorage.setItem(PREFIX + name, value);
  } catch {
    // It lasts for this visit.
  }
  applyStyle();
  for (const listener of listeners) listener();
}

/** Makes times and amounts be written as chosen. Called once before anything is drawn, and with every change. */
export function applyStyle() {
  writeAs({ timeZone: readPreference('timeZone'), units: readPreference('units') });
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreference<Name extends keyof Preferences>(name: Name) {
  const value = useSyncExternalStore(subscribe, () => readPreference(name));
  const set = (next: Preferences[Name]) => {
    writePreference(name, next);
  };
  return [value, set] as const;
}

/** Differs whenever times or amounts are written differently: what is drawn with another key is drawn anew. */
export function useStyleKey(): string {
  const [timeZone] = usePreference('timeZone');
  const [units] = usePreference('units');
  return `${timeZone} ${units}`;
}
