// Renders components as the application does, with or without its router, against answers of the test's own.
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { LiveConnection, type Outside, type Socket } from '~/live/connection';
import { LiveProvider, type Live } from '~/live/LiveContext';
import { LiveStore } from '~/live/store';
import { buildRouter } from '~/router';
import { theme, variables } from '~/theme/theme';

export function renderPlain(children: ReactNode) {
  return render(
    <MantineProvider theme={theme} cssVariablesResolver={variables} env="test">
      {children}
    </MantineProvider>,
  );
}

/** An answer to a request: a JSON body, with status 200 unless said otherwise. */
export type Answer = { status?: number; body: unknown };

/** Answers each path with what the test says, and any other with 404. */
export function answerRequests(answers: Record<string, Answer>) {
  const asked: Request[] = [];
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push(request.clone());
    const { status = 200, body } = answers[new URL(request.url).pathname] ?? { status: 404, body: {} };
    return Promise.resolve(
      new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } }),
    );
  });
  return asked;
}

const silentSocket = (): Socket => ({
  onopen: null,
  onmessage: null,
  onclose: null,
  send: () => undefined,
  close: () => undefined,
});

function quietOutside(store: LiveStore): Outside {
  return {
    openSocket: silentSocket,
    readState: () => Promise.reject(new Error(`no state beyond revision ${store.getEstate()?.revision ?? 0}`)),
    later: () => () => undefined,
    now: () => Date.now(),
    random: () => 0,
  };
}

/** A store as components see it that nothing else comes from. */
export function liveOver(store: LiveStore): Live {
  return { store, connection: new LiveConnection(store, quietOutside(store)) };
}

/** The whole application at an address. */
export function renderApp(path: string, setupToken: string | null = null, store = new LiveStore()) {
  const live = liveOver(store);
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const history = createMemoryHistory({ initialEntries: [path] });
  const router = buildRouter({ queries, live, setupToken }, history);
  const screen = renderPlain(
    <QueryClientProvider client={queries}>
      <LiveProvider live={live}>
        <RouterProvider router={router} />
      </LiveProvider>
    </QueryClientProvider>,
  );
  return { ...screen, router, store, queries };
}
