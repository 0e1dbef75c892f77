// A fact that a source may not have told: the word unknown in its place, never a blank (D-9).
import type { ReactNode } from 'react';
import { UNKNOWN_REASON } from '~/strings/labels';
import { UnknownValue } from './Reading';

/** What `write` makes of the value; unknown where there is none. */
export function orUnknown<Value>(value: Value | null | undefined, write: (value: Value) => ReactNode): ReactNode {
  return value === null || value === undefined ? <UnknownValue why={UNKNOWN_REASON.not_reported} /> : write(value);
}
