// A stand-in for the server while developing: `npm run mock`, then `npm run dev`. Never part of a build.
// MOCK_HOSTS sets the size of the estate, MOCK_PORT the port, MOCK_SETUP=1 begins before the first user exists.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import type {
  ClientFrame,
  History,
  Metric,
  Problem,
  ProblemCode,
  Resource,
  ServerFrame,
  Session,
  Sparklines,
  State,
} from '../src/api/types.ts';
import {
  changesOf,
  makeEstate,
  metricsOf,
  readingsOf,
  sourcesNow,
  START,
  systemNow,
  systemsOf,
  valueAt,
} from './estate.ts';

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
    scopes: ['inventory:read', 'metrics:read'],
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

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 };

function history(query: URLSearchParams): History {
  const [, count = '24', unit = 'h'] = /^(\d+)([smhdy])$/.exec(query.get('range') ?? '') ?? [];
  const to = query.has('to') ? Date.parse(query.get('to') ?? '') : Date.now();
  const from = query.has('from') ? Date.parse(query.get('from') ?? '') : to - Number(count) * (UNITS[unit] ?? 1) * 1000;
  const step = Math.max(10, Math.ceil((to - from) / 1000 / Number(query.get('points') ?? 300) / 10) * 10) * 1000;
  const times = Array.from(
    { length: Math.floor((to - from) / step) + 1 },
    (_, index) => Math.floor(from / step) * step + index * step,
  );
  const id = query.get('resource') ?? '';
  const [gapFrom, gapTo] = [to - (to - from) * 0.62, to - (to - from) * 0.5];
  const at = (metric: Metric, time: number) => (time > gapFrom && time < gapTo ? null : valueAt(id, metric, time));
  const spread = (value: number | null, by: number) => (value === null ? null : value * (1 + (step > 10_000 ? by : 0)));
  return {
    resourceId: id,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    stepSeconds: step / 1000,
    tier: 'raw',
    times,
    series: (query.get('metrics') ?? '').split(',').map(name => {
      const metric = name as Metric;
      const avg = times.map(time => at(metric, time));
      return {
        metric,
        unit: 'percent',
        avg,
        min: avg.map(value => spread(value, -0.15)),
        max: avg.map(value => spread(value, 0.18)),
      };
    }),
    knownGaps: [
      {
        from: new Date(gapFrom).toISOString(),
        to: new Date(gapTo).toISOString(),
        reason: 'server_stopped',
        source: 'agent:local',
      },
    ],
  };
}

function sparklines(query: URLSearchParams): Sparklines {
  const step = 75_000;
  const times = Array.from({ length: 48 }, (_, index) => Date.now() - (47 - index) * step);
  const metrics = (query.get('metrics') ?? '').split(',') as Metric[];
  const ids = (query.get('resources') ?? '').split(',');
  const series = ids.flatMap(id => {
    const own = byId.get(id);
    return own
      ? metrics
          .filter(metric => metricsOf(own).includes(metric))
          .map(metric => ({ resourceId: id, metric, values: times.map(time => valueAt(id, metric, time)) }))
      : [];
  });
  return { stepSeconds: 75, times, series };
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
  if (path === '/api/metrics/sparklines') return sparklines(query);
  if (path === '/api/system') return systemNow(resources.length);
  if (path === '/api/sources') return { items: sourcesNow(), nextPageToken: null, revision: REVISION };
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

function readings(wanted: readonly Resource[]): ServerFrame {
  const metrics = [...new Set(wanted.flatMap(metricsOf))];
  const column = (metric: Metric) =>
    wanted.map(own => (metricsOf(own).includes(metric) ? valueAt(own.id, metric, Date.now()) : null));
  return {
    type: 'readings',
    at: Date.now(),
    resources: wanted.map(({ id }) => id),
    lastSeen: wanted.map(lastSeen),
    columns: Object.fromEntries(metrics.map(metric => [metric, column(metric)])),
  };
}

const sockets = new WebSocketServer({ server, path: '/ws' });
sockets.on('connection', (socket: WebSocket) => {
  let wanted: Resource[] = [];
  socket.on('message', data => {
    const frame = JSON.parse(String(data)) as ClientFrame;
    const asked = frame.all ? resources : (frame.resources ?? []).flatMap(id => byId.get(id) ?? []);
    wanted = asked.filter(({ status }) => status === 'online');
  });
  const timer = setInterval(() => {
    if (wanted.length > 0) socket.send(JSON.stringify(readings(wanted)));
  }, 2000);
  socket.on('close', () => {
    clearInterval(timer);
  });
});

server.listen(port, '127.0.0.1', () => {
  console.log(`mock server on http://127.0.0.1:${port}, ${resources.length} resources`);
});
