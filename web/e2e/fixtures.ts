// What the browser tests share: one server for many tests, and a page on which somebody is signed in.
import { test as base, type Page } from '@playwright/test';
import { Server } from './server';

export const ADMIN = { username: 'ada', password: 'correct horse battery' };

type WorkerFixtures = { estate: string; server: Server };
type TestFixtures = { app: Page };

export async function setUp(page: Page, server: Server) {
  await page.goto(await server.setupLink());
  await page.getByLabel('Name').fill(ADMIN.username);
  await page.getByLabel('Password', { exact: false }).first().fill(ADMIN.password);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}

export async function signIn(page: Page, server: Server) {
  await page.goto(`${server.url}/login`);
  await page.getByLabel('Name').fill(ADMIN.username);
  await page.getByLabel('Password', { exact: false }).first().fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}

/** Opens the table of hosts. */
export async function openTable(page: Page) {
  await page.getByRole('link', { name: 'Infrastructure', exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Infrastructure' }).waitFor({ state: 'attached' });
}

/** Opens the page of this machine, once it is there. */
export async function openHost(page: Page) {
  await openTable(page);
  await page.locator('[data-row-link]').first().click();
  await page.getByRole('heading', { name: 'Charts' }).waitFor();
}

/** Goes to a page by its keys: both at once, since they count only together. */
export async function jumpTo(page: Page, key: string) {
  await Promise.all([page.keyboard.press('g'), page.keyboard.press(key)]);
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  /** What the server comes to know. Tests of another estate have another server (`test.use({ estate: … })`). */
  estate: ['this machine', { option: true, scope: 'worker' }],
  server: [
    // Playwright wants the first argument destructured, though nothing is taken from it.
    async ({}, provide) => {
      const server = await Server.create();
      await provide(server);
      await server.remove();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  /** The application with the administrator signed in. The first test of a server goes through the set-up link. */
  app: async ({ page, server }, provide) => {
    const session = (await (await page.request.get(`${server.url}/api/session`)).json()) as { setupRequired: boolean };
    await (session.setupRequired ? setUp(page, server) : signIn(page, server));
    await provide(page);
  },
});

export { expect } from '@playwright/test';
