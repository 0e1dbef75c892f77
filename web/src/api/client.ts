// The one place that talks HTTP. Adds the CSRF token to writes and tells the application when the session has ended.
import createClient, { type Middleware } from 'openapi-fetch';
import { clock } from '~/time/clock';
import { problemCode, ProblemError } from './problem';
import type { paths } from './schema';
import type { Problem } from './types';

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

let csrfToken: string | null = null;
let onSessionEnd: () => void = () => undefined;

/** Remembers the token that goes with every write; `null` for nobody signed in. */
export function rememberCsrfToken(token: string | null) {
  csrfToken = token;
}

/** Names what to do when an answer says that nobody is signed in any more. */
export function whenSessionEnds(action: () => void) {
  onSessionEnd = action;
}

const session: Middleware = {
  onRequest({ request }) {
    if (csrfToken !== null && WRITES.has(request.method)) request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
  async onResponse({ response }) {
    clock.correct(response.headers.get('date'));
    if (response.status !== 401) return;
    const body = (await response
      .clone()
      .json()
      .catch(() => null)) as Problem | null;
    if (body && problemCode(new ProblemError(body)) === 'unauthenticated') onSessionEnd();
  },
};

export const api = createClient<paths, 'application/json'>({
  baseUrl: window.location.origin,
  // Looked up with each request, not once: so a test can answer in its stead.
  fetch: request => globalThis.fetch(request),
});
api.use(session);
