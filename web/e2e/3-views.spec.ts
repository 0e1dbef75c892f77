// Finding, filtering and the designed states (UX-4, UX-5, UX-7).
import { readFile } from 'node:fs/promises';
import { expect, jumpTo, openHost, openTable, test } from './fixtures';

test('filters and order stand in the address', async ({ app: page }) => {
  await openTable(page);
  await page.getByRole('button', { name: 'All resources' }).click();
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
  await expect(page).toHaveURL(/sort=-name/);
  await page.getByLabel('Filter by text').fill('no such thing anywhere');
  await expect(page.getByText('Nothing passes the filters')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await expect(page).toHaveURL(/\/infrastructure\?view=all&sort=-name$/);
  await expect(page.locator('[data-row-link]').first()).toBeVisible();
});

test('what is shown can be saved as CSV', async ({ app: page }) => {
  await openTable(page);
  await page.getByRole('button', { name: 'All resources' }).click();
  await page.locator('[data-row-link]').first().waitFor();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const text = await readFile(await (await saving).path(), 'utf8');
  expect(text).toMatch(/^Status,Name,Kind/);
  expect(text.split('\r\n').length).toBeGreaterThan(2);
});

test('the palette finds a host by keyboard alone', async ({ app: page }) => {
  await openHost(page);
  const name = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
  await page.goto(new URL('/system', page.url()).href);
  await page.getByRole('heading', { level: 1, name: 'System' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Find' }).fill(name);
  await page.getByRole('option', { name }).first().waitFor();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await jumpTo(page, 't');
  await expect(page.getByRole('heading', { name: 'Timeline' }).first()).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
});

test('a resource that is not there is said to be so, with the request id', async ({ app: page, server }) => {
  await page.goto(`${server.url}/resources/agent-0000000000000000`);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('No such resource');
  await expect(alert).toContainText('Request id');
});

test('a refusal says what is lacking and who can help', async ({ app: page, server }) => {
  const body = {
    type: 'urn:muster:problem:forbidden',
    title: 'The credential lacks a scope',
    status: 403,
    code: 'forbidden',
    detail: 'This needs inventory:read.',
    requestId: 'req-1',
  };
  await page.route('**/api/sources', route =>
    route.fulfill({ status: 403, contentType: 'application/problem+json', json: body }),
  );
  await page.goto(`${server.url}/system`);
  await expect(page.getByRole('alert')).toContainText('This needs inventory:read.');
  await expect(page.getByRole('alert')).toContainText('Ask an administrator');
});

test('pausing stops the picture and says so', async ({ app: page }) => {
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText(/^Paused/)).toBeVisible();
  await page.getByRole('button', { name: 'Go on live' }).click();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
});
