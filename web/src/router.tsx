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
import { sessionQuery, sourcesQuery, systemQuery, systemsQuery } from './api/queries';
import { UnreachableError } from './api/problem';
import { ProblemNotice } from './components/ProblemNotice';
import { parseWindow } from './charts/window';
import type { Live } from './live/LiveContext';
import { LoginPage } from './pages/access/LoginPage';
import { SetupPage } from './pages/access/SetupPage';
import { InfrastructurePage } from './pages/infrastructure/InfrastructurePage';
import { parseView } from './pages/infrastructure/view';
import { parseCharts } from './pages/charts/view';
import { NotFoundPage } from './pages/NotFoundPage';
import { parseTimelineView } from './pages/timeline/view';
import { parseSearch, stringifySearch, type PlainSearch } from './searchParams';
import { Shell } from './shell/Shell';

export type RouterContext = { queries: QueryClient; live: Live; setupToken: string | null };

/** Starts a read ahead of the component that shows it; the component shows its failure, too. */
function warm(read: Promise<unknown>) {
  read.catch(() => undefined);
}

/** The code of a page, asked for when it is first opened. Where it does not come, the server is away, not the page at fault. */
function fetched<Module>(module: Promise<Module>): Promise<Module> {
  return module.catch((cause: unknown) => {
    throw new UnreachableError('when it was asked for this page', cause);
  });
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
  component: SetupPage,
});

/** Only a path of ours is followed after signing in, never another host's address. */
function ownPath(next: string | undefined): string | undefined {
  return next?.startsWith('/') && !/^\/[/\\]/.test(next) ? next : undefined;
}

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: PlainSearch): { next?: string; ended?: string } => {
    const next = ownPath(search.next);
    return { ...(next !== undefined && { next }), ...(search.ended !== undefined && { ended: search.ended }) };
  },
  component: LoginPage,
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

const infrastructure = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: parseView,
  loader: ({ context }) => {
    warm(context.queries.query(systemsQuery));
  },
  component: InfrastructurePage,
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

const routeTree = root.addChildren([
  setup,
  login,
  app.addChildren([infrastructure, resource, charts, timeline, system]),
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
