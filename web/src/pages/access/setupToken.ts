// Takes the set-up token out of the address as soon as the page loads (D-21): it must stay neither in the history nor in
// what somebody copies from the address bar.

type Place = Pick<Location, 'hash' | 'pathname'>;
type Past = Pick<History, 'replaceState'>;

/** The token of `/#setup=<token>`, removed from the address; `null` where there is none. */
export function takeSetupToken(place: Place, past: Past): string | null {
  const token = /^#setup=(.+)$/.exec(place.hash)?.[1];
  if (token === undefined) return null;
  past.replaceState(null, '', '/setup');
  return decodeURIComponent(token);
}
