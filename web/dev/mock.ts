// A stand-in for the server while developing: `npm run mock`, then `npm run dev`. Never part of a build.
// MOCK_HOSTS sets the size of the estate, MOCK_PORT the port, MOCK_SETUP=1 begins before the first user exists.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ClientFrame, Problem, ProblemCode, Resource, Session, State } from '../src/api/types.ts';
import { connectionsNow } from './connections.ts';
import { history, readings, sparklines } from './answers.ts';
import { overviewNow, searchHits, storageSummary, summary } from './overview.ts';
import { changesOf, makeEstate, readingsOf, sourcesNow, START, statsNow, systemNow, systemsOf } from './estate.ts';

const port = Number(process.env.MOCK_PORT ?? 8420);
const resources = makeEstate(Number(process.env.MOCK_HOSTS ?? 12));
const byId = new Map(resources.map(resource => [resource.id, resource]));
const changes = changesOf(resources);
const REVISION = 42;
let setupRequired = process.env.MOCK_SETUP === '1';
let signedIn = process.env.MOCK_SIGNED_IN === '1';

const lastSeen = (resource: Resource) => (resource.status === 'online' ? Date.now() : START - 400_000);
const withReadings = (resource: Resource): Resource => ({
  ...resource,
  lastSeen: new Date(lastSeen(resource)).toISOString(),
  metrics: readingsOf(resource, lastSeen(resource)),
});

function session(): Session {
  const user: Session['user'] = {
    id: '0190b5a2-0000-7000-8000-000000000000',
    name: 'ada',
    role: 'admin',
    scopes: ['inventory:read', 'metrics:read', 'connections:write', 'system:admin'],
    sessionExpiresAt: new Date(Date.now() + 9e8).toISOString(),
  };
  return { setupRequired, user: signedIn ? user : null, csrfToken: signedIn ? 'csrf' : null };
}

function state(): State {
  return {
    revision: REVISION,
    lastUpdate: Date.now(),
    summary: { total: resources.length, byKind: {}, byStatus: {}, systems: 1, sources: 2, sourcesNotCurrent: 1 },
    resources: resources.map(withReadings),
    activeAlerts: [],
    recentlyResolved: [],
    connectedInfrastructure: systemsOf(resources),
  };
}

function problem(response: ServerResponse, status: number, code: ProblemCode, title: string, detail: string) {
  const body: Problem = { type: `urn:muster:problem:${code}`, title, status, code, detail, requestId: 'mock-0001' };
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text || '{}') as Record<string, string>;
}

async function enter(path: string, request: IncomingMessage, response: ServerResponse) {
  const body = await bodyOf(request);
  if (path === '/api/setup' && body.token !== 'demo') {
    problem(response, 403, 'setup_token_invalid', 'The set-up link is not valid', 'It is wrong, used or expired.');
    return;
  }
  if (body.password === 'wrong') {
    problem(response, 401, 'login_failed', 'Wrong name or password', 'Check both and try again.');
    return;
  }
  setupRequired = false;
  signedIn = true;
  response.end(JSON.stringify(session()));
}

function read(path: string, query: URLSearchParams): unknown {
  const id = /^\/api\/resources\/([^/]+)$/.exec(path)?.[1];
  const found = id === undefined ? undefined : byId.get(id);
  if (path === '/api/session') return session();
  if (path === '/api/state') return query.get('parts') === 'infrastructure' ? { ...state(), resources: [] } : state();
  if (path === '/api/metrics/history') return history(query);
  if (path === '/api/metrics/sparklines') return sparklines(query, resources);
  if (path === '/api/metrics/summary') return summary(query, resources);
  if (path === '/api/charts/storage-summary') return storageSummary();
  if (path === '/api/overview') return overviewNow(resources, REVISION);
  if (path === '/api/views') return { items: [], nextPageToken: null, revision: REVISION };
  if (path === '/api/search') {
    const hits = searchHits(query, resources);
    return { hits, total: hits.length, revision: REVISION };
  }
  if (path === '/api/system') return systemNow(resources.length);
  if (path === '/api/history/stats') return statsNow();
  if (path === '/api/sources') return { items: sourcesNow(), nextPageToken: null, revision: REVISION };
  if (path === '/api/connections') return { items: connectionsNow(), nextPageToken: null, revision: REVISION };
  if (path.endsWith('/timeline')) return { items: changes, nextPageToken: null, revision: REVISION };
  return found && withReadings(found);
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://mock');
  response.setHeader('content-type', 'application/json');
  if (url.pathname === '/api/login' || url.pathname === '/api/setup')
    return void enter(url.pathname, request, response);
  if (url.pathname === '/api/logout') {
    signedIn = false;
    return void response.writeHead(204).end();
  }
  if (!signedIn && url.pathname !== '/api/session')
    return void problem(response, 401, 'unauthenticated', 'Sign in', 'No session.');
  const answer = read(url.pathname, url.searchParams);
  if (answer === undefined)
    problem(response, 404, 'resource_not_found', 'No such resource', `There is no resource at ${url.pathname}.`);
  else response.end(JSON.stringify(answer));
});

const sockets = new WebSocketServer({ server, path: '/ws' });
sockets.on('connection', (socket: WebSocket) => {
  let wanted: Resource[] = [];
  socket.on('message', data => {
    const frame = JSON.parse(String(data)) as ClientFrame;
    const asked = frame.all ? resources : (frame.resources ?? []).flatMap(id => byId.get(id) ?? []);
    wanted = asked.filter(({ status }) => status === 'online');
  });
  const timer = setInterval(() => {
    if (wanted.length > 0) socket.send(JSON.stringify(readings(wanted, Date.now())));
  }, 2000);
  socket.on('close', () => {
    clearInterval(timer);
  });
});

server.listen(port, '127.0.0.1', () => {
  console.log(`mock server on http://127.0.0.1:${port}, ${resources.length} resources`);
});
