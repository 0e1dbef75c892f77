// Connects the server to a simulated cluster past the guided form, for tests that are about what comes of it.
import { expect, type Page } from '@playwright/test';
import type { Server } from './server';
import type { Cluster } from './simulator';

/** More addresses of one cluster are refused. */
const MOST_ENDPOINTS = 16;

/** Somebody who may must be signed in on the page. */
export async function connectTo(page: Page, server: Server, name: string, cluster: Cluster) {
  const session = (await (await page.request.get(`${server.url}/api/session`)).json()) as { csrfToken: string };
  const [user, token] = cluster.token.split('!');
  const answer = await page.request.post(`${server.url}/api/connections`, {
    headers: { 'x-csrf-token': session.csrfToken, origin: server.url },
    data: {
      platform: 'proxmox-pve',
      name,
      endpoints: cluster.endpoints.slice(0, MOST_ENDPOINTS),
      pins: cluster.fingerprints.slice(0, MOST_ENDPOINTS),
      intervalSeconds: 10,
      enabled: true,
      auth: { method: 'token', user, token },
      secret: cluster.secret,
    },
  });
  expect(answer.status(), await answer.text()).toBe(201);
}
