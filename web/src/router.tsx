// The routes: what each needs loaded, and which of them need somebody signed in.
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  useRouter,
  type ErrorComponentProps,
  type RouterHistory,
} from '@tanstack/react-router';
import {
  connectionsQuery,
  overviewQuery,
  sessionQuery,
  sourcesQuery,
  systemQuery,
  systemsQuery,
  viewQuery,
  viewsQuery,
} from './api/queries';
import { fetched } from './api/fetched';
import type { ViewPage } from './api/types';
import { ProblemNotice } from './components/ProblemNotice';
import { parseWindow } from './charts/window';
import type { Live } from './live/LiveContext';
import { parseAccess } from './pages/access/view';
import { parseAudit } from './pages/audit/view';
import { parseCharts } from './pages/charts/view';
import { NotFoundPage } from './pages/NotFoundPage';
import { parseTimelineView } from './pages/timeline/view';
import { parseSearch, stringifySearch, type PlainSearch } from './searchParams';
import { Shell } from './shell/Shell';
import type { PagePath } from './shell/pages';
import { parseView } from './table/view';
import { defaultView } from './views/matches';
import { PAGE_PATH } from './views/pagePath';

export type RouterContext = { queries: QueryClient; live: Live; setupToken: string | null };

/** Starts a read ahead of the component that shows it; the component shows its failure, too. */
function warm(read: Promise<unknown>) {
  read.catch(() => undefined);
}

/** Trying again loads the page anew, its code included. */
function FailedPage({ error }: ErrorComponentProps) {
  const router = useRouter();
  return <ProblemNotice page error={error} onRetry={() => void router.invalidate()} />;
}

const root = createRootRouteWithContext<RouterContext>()({
  errorComponent: FailedPage,
  notFoundComponent: NotFoundPage,
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  loader: ({ context }) => context.queries.query({ ...sessionQuery, staleTime: 'static' }),
  component: lazyRouteComponent(() => fetched(import('./pages/access/SetupPage')), 'SetupPage'),
});

/** Only a path of ours is followed after signing in, never another host's address. */
function ownPath(next: string | undefined): string | undefined {
  return next?.startsWith('/') && !/^\/[/\\]/.test(next) ? next : undefined;
}

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: PlainSearch): { next?: string; ended?: string; problem?: string } => {
    const next = ownPath(search.next);
    return {
      ...(next !== undefined && { next }),
      ...(search.ended !== undefined && { ended: search.ended }),
      ...(search.problem !== undefined && { problem: search.problem }),
    };
  },
  loader: ({ context }) => {
    warm(context.queries.query(sessionQuery));
  },
  component: lazyRouteComponent(() => fetched(import('./pages/access/LoginPage')), 'LoginPage'),
});

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.query({ ...sessionQuery, staleTime: 'static' });
    if (session.setupRequired) throw redirect({ to: '/setup' });
    if (!session.user) throw redirect({ to: '/login', search: location.href === '/' ? {} : { next: location.href } });
    context.live.connection.start();
  },
  component: Shell,
});

const overview = createRoute({
  getParentRoute: () => app,
  path: '/',
  loader: ({ context }) => {
    warm(context.queries.query(overviewQuery));
  },
  component: lazyRouteComponent(() => fetched(import('./pages/overview/OverviewPage')), 'OverviewPage'),
});

type Entering = { context: RouterContext; search: object; cause: 'preload' | 'enter' | 'stay' };

/** Who comes to a page without saying what to see gets the view with which they want it to open. */
async function openWithView(page: ViewPage, { context, search, cause }: Entering) {
  if (cause !== 'enter' || Object.keys(search).length > 0) return;
  // Only a change of the views has them read again. A page that cannot learn of its views opens without one.
  const views = await context.queries.query({ ...viewsQuery, staleTime: Infinity }).catch(() => []);
  const [view, path] = [defaultView(views, page), PAGE_PATH[page]];
  if (view) throw redirectTo(path, view.query);
}

function redirectTo(to: PagePath, query: string) {
  // Each page reads its own address again and drops what means nothing there.
  return redirect({ to, search: parseSearch(query) as never, replace: true });
}

const infrastructure = createRoute({
  getParentRoute: () => app,
  path: '/infrastructure',
  validateSearch: parseView,
  beforeLoad: entering => openWithView('infrastructure', entering),
  loader: ({ context }) => {
    warm(context.queries.query(systemsQuery));
  },
  component: lazyRouteComponent(
    () => fetched(import('./pages/infrastructure/InfrastructurePage')),
    'InfrastructurePage',
  ),
});

const workloads = createRoute({
  getParentRoute: () => app,
  path: '/workloads',
  validateSearch: parseView,
  beforeLoad: entering => openWithView('workloads', entering),
  component: lazyRouteComponent(() => fetched(import('./pages/workloads/WorkloadsPage')), 'WorkloadsPage'),
});

const storage = createRoute({
  getParentRoute: () => app,
  path: '/storage',
  validateSearch: parseView,
  beforeLoad: entering => openWithView('storage', entering),
  component: lazyRouteComponent(() => fetched(import('./pages/storage/StoragePage')), 'StoragePage'),
});

/** A link to a saved view leads to what the view is now, not to what it was when the link was made. */
const savedView = createRoute({
  getParentRoute: () => app,
  path: '/views/$id',
  beforeLoad: async ({ context, params }) => {
    const view = await context.queries.query(viewQuery(params.id));
    throw redirectTo(PAGE_PATH[view.page], view.query);
  },
});

const resource = createRoute({
  getParentRoute: () => app,
  path: '/resources/$id',
  validateSearch: parseWindow,
  component: lazyRouteComponent(() => fetched(import('./pages/resource/ResourcePage')), 'ResourcePage'),
});

const charts = createRoute({
  getParentRoute: () => app,
  path: '/charts',
  validateSearch: parseCharts,
  component: lazyRouteComponent(() => fetched(import('./pages/charts/ChartsPage')), 'ChartsPage'),
});

const timeline = createRoute({
  getParentRoute: () => app,
  path: '/timeline',
  validateSearch: parseTimelineView,
  component: lazyRouteComponent(() => fetched(import('./pages/timeline/TimelinePage')), 'TimelinePage'),
});

const system = createRoute({
  getParentRoute: () => app,
  path: '/system',
  loader: ({ context }) => {
    warm(context.queries.query(systemQuery));
    warm(context.queries.query(sourcesQuery));
  },
  component: lazyRouteComponent(() => fetched(import('./pages/system/SystemPage')), 'SystemPage'),
});

const CONNECTION_PAGES = () => fetched(import('./pages/connections/pages'));

const connections = createRoute({
  getParentRoute: () => app,
  path: '/connections',
  loader: ({ context }) => {
    warm(context.queries.query(connectionsQuery));
  },
  component: lazyRouteComponent(CONNECTION_PAGES, 'ConnectionsPage'),
});

const connectedSystems = createRoute({
  getParentRoute: () => app,
  path: '/connections/systems',
  loader: ({ context }) => {
    warm(context.queries.query(systemsQuery));
  },
  component: lazyRouteComponent(CONNECTION_PAGES, 'SystemsPage'),
});

const identity = createRoute({
  getParentRoute: () => app,
  path: '/connections/identity',
  component: lazyRouteComponent(() => fetched(import('./pages/identity/IdentityPage')), 'IdentityPage'),
});

const newConnection = createRoute({
  getParentRoute: () => app,
  path: '/connections/new',
  component: lazyRouteComponent(CONNECTION_PAGES, 'NewConnectionPage'),
});

const connection = createRoute({
  getParentRoute: () => app,
  path: '/connections/$id',
  component: lazyRouteComponent(CONNECTION_PAGES, 'ConnectionPage'),
});

const editConnection = createRoute({
  getParentRoute: () => app,
  path: '/connections/$id/edit',
  component: lazyRouteComponent(CONNECTION_PAGES, 'EditConnectionPage'),
});

const access = createRoute({
  getParentRoute: () => app,
  path: '/access',
  validateSearch: parseAccess,
  component: lazyRouteComponent(() => fetched(import('./pages/access/AccessPage')), 'AccessPage'),
});

const audit = createRoute({
  getParentRoute: () => app,
  path: '/audit',
  validateSearch: parseAudit,
  component: lazyRouteComponent(() => fetched(import('./pages/audit/AuditPage')), 'AuditPage'),
});

const routeTree = root.addChildren([
  setup,
  login,
  app.addChildren([
    overview,
    infrastructure,
    workloads,
    storage,
    savedView,
    resource,
    charts,
    timeline,
    connections,
    connectedSystems,
    identity,
    newConnection,
    connection,
    editConnection,
    access,
    audit,
    system,
  ]),
]);

export function buildRouter(context: RouterContext, history?: RouterHistory) {
  return createRouter({
    routeTree,
    context,
    ...(history && { history }),
    parseSearch,
    stringifySearch,
    // What no route has checked does not reach a page.
    search: { strict: true },
    defaultPreload: 'intent',
    defaultErrorComponent: FailedPage,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface can be added to
  interface Register {
    router: ReturnType<typeof buildRouter>;
  }
}
