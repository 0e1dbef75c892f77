// The first minute (UX-1, D-21): the set-up link, this machine live, out and in again.
import { ADMIN, expect, openTable, setUp, signIn, test } from './fixtures';
import { STRICT } from './measure';

const SOON_MS = STRICT ? 10_000 : 60_000;

test.describe.configure({ mode: 'serial' });

test('the set-up link creates the first user and shows this machine within ten seconds', async ({ page, server }) => {
  const link = await server.setupLink();
  await page.goto(link);
  await expect(page).toHaveURL(`${server.url}/setup`);
  await expect(page.getByLabel('Name')).toHaveAttribute('autocomplete', 'username');
  await page.goto('about:blank');

  await setUp(page, server);
  await openTable(page);
  await expect(page.getByRole('row').filter({ hasText: 'Online' }).first()).toBeVisible({ timeout: SOON_MS });
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
});

test('a set-up link works once', async ({ page, server }) => {
  await page.goto(`${server.url}/#setup=used`);
  await expect(page.getByRole('heading', { name: 'Set-up is done' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
});

test('nothing is shown before signing in, and the wanted page after it', async ({ page, server }) => {
  await page.goto(`${server.url}/system`);
  await page.getByLabel('Name').fill(ADMIN.username);
  await page.getByLabel('Password', { exact: false }).first().fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('Wrong name or password');

  await page.getByLabel('Password', { exact: false }).first().fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`${server.url}/system`);
  await expect(page.getByRole('region', { name: 'Engine' })).toBeVisible();
});

test('signing out ends the session', async ({ page, server }) => {
  await signIn(page, server);
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Muster' })).toBeVisible();
  await page.goto(server.url);
  await expect(page.getByRole('heading', { name: 'Sign in to Muster' })).toBeVisible();
});

test('a session that ends elsewhere leads to signing in and back to the page', async ({ app: page, server }) => {
  await page.goto(`${server.url}/timeline`);
  await page.getByRole('heading', { level: 1, name: 'Timeline' }).waitFor();
  // What the page asks again by itself could learn first that the session has ended, and lead away before the click.
  await page.route(/\/api\/(overview|resources\/timeline)/, () => undefined);
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'System', exact: true }).click();
  await expect(page.getByText('Your session has ended')).toBeVisible();
  await page.getByLabel('Name').fill(ADMIN.username);
  await page.getByLabel('Password', { exact: false }).first().fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`${server.url}/system`);
});
