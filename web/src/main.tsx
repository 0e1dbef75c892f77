// Puts the parts together and starts the application.
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { rememberCsrfToken, whenSessionEnds } from './api/client';
import { ProblemError } from './api/problem';
import { sessionQuery } from './api/queries';
import { LiveConnection } from './live/connection';
import { LiveProvider } from './live/LiveContext';
import { browserOutside } from './live/outside';
import { LiveStore } from './live/store';
import { applyStyle } from './preferences/preferences';
import { takeSetupToken } from './pages/access/setupToken';
import { buildRouter } from './router';
import './theme/mantine.css';
import './theme/tokens.css';
import { theme, variables } from './theme/theme';

const RETRIES = 2;

applyStyle();

const setupToken = takeSetupToken(window.location, window.history);
const store = new LiveStore();
const live = { store, connection: new LiveConnection(store, browserOutside) };
const queries = new QueryClient({
  defaultOptions: {
    // A problem answer stays one; only a server that did not answer is asked again.
    queries: { retry: (failures, error) => !(error instanceof ProblemError) && failures < RETRIES },
  },
});
const router = buildRouter({ queries, live, setupToken });

whenSessionEnds(() => {
  live.connection.stop();
  rememberCsrfToken(null);
  queries.clear();
  queries.setQueryData(sessionQuery.queryKey, { setupRequired: false, user: null, csrfToken: null });
  if (router.state.location.pathname === '/login') return;
  void router.navigate({ to: '/login', search: { next: router.state.location.href, ended: 'yes' } });
});
window.addEventListener('online', () => {
  live.connection.retryNow();
});

const element = document.getElementById('root');
if (element === null) throw new Error('index.html has an element with the id "root"');
createRoot(element).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <LiveProvider live={live}>
          <RouterProvider router={router} />
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
