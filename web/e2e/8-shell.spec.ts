// The shell (UX-2, UX-4, UX-5): the overview, finding anything by keyboard, saved views, preferences, messages.
import { readFile } from 'node:fs/promises';
import { expect, jumpTo, openTable, test } from './fixtures';

test('the overview says how the estate is, and each number leads to its things', async ({ app: page }) => {
  await expect(page.getByRole('region', { name: 'Health' })).toContainText(
    /not well|as far as can be seen|not all is seen/,
  );
  for (const panel of ['Not well', 'What cannot be seen', 'Storage that fills', 'Who uses most', 'What happened last'])
    await expect(page.getByRole('region', { name: panel })).toBeVisible();
  await page.getByRole('region', { name: 'By kind' }).getByRole('link', { name: 'Hosts' }).click();
  await expect(page).toHaveURL(/\/infrastructure\?view=all&kind=agent$/);
});

test('an overview that cannot be had says why and what to do, and an old one how old it is', async ({ app: page }) => {
  await page.getByRole('region', { name: 'Health' }).waitFor();
  await page.route('**/api/overview', route => route.abort());
  await expect(page.getByText('This page is out of date')).toBeVisible({ timeout: 60_000 });
  await page.reload();
  await expect(page.getByRole('alert').first()).toContainText('The server did not answer');
  // The page asks again by itself, too: the button is pressed as long as it is sure to be there.
  const asked = page.waitForRequest('**/api/overview');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await asked;
  await page.unroute('**/api/overview');
  await expect(page.getByRole('region', { name: 'Health' })).toBeVisible();
});

test('pages appear as their data does', async ({ app: page }) => {
  // UX-2: this machine has filesystems, and runs nothing that a source would know of.
  const navigation = page.getByRole('navigation', { name: 'Pages' });
  await expect(navigation.getByRole('link', { name: 'Storage' })).toBeVisible();
  await expect(navigation.getByRole('link', { name: 'Workloads' })).toHaveCount(0);
  await navigation.getByRole('link', { name: 'Storage' }).click();
  await expect(page.getByRole('columnheader', { name: 'Free' })).toBeVisible();
});

test('the search finds by address and says by what', async ({ app: page, server }) => {
  const found = await page.request.get(`${server.url}/api/resources?kind=network-endpoint&limit=50`);
  const { items } = (await found.json()) as { items: { identity: { macAddresses: string[] } }[] };
  const mac = items.flatMap(({ identity }) => identity.macAddresses)[0] ?? '127.0.0.1';
  await page.keyboard.press('Control+k');
  const answered = page.waitForResponse(response => response.url().includes('/api/search'));
  await page.getByRole('combobox', { name: 'Find' }).fill(mac.replaceAll(':', '-'));
  expect((await answered).ok()).toBe(true);
  await expect(page.getByRole('listbox', { name: 'Results' })).toContainText(/Hardware address|Address/);
});

test('actions of the palette act', async ({ app: page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const run = async (name: string) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find' }).fill(name);
    await page.keyboard.press('Enter');
  };
  await run('copy a link');
  await expect(page.getByRole('log', { name: 'Messages' })).toContainText('The link is copied.');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  await run('dark colours');
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await run('pause live');
  await expect(page.getByText(/^Paused/)).toBeVisible();
});

test('keys lead everywhere', async ({ app: page }) => {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Storage' }).waitFor();
  await jumpTo(page, 'i');
  await expect(page).toHaveURL(/\/infrastructure$/);
  await page.locator('[data-row-link]').first().waitFor();
  await page.keyboard.press('j');
  await expect(page.locator('[data-row-link]').first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/resources\//);
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keys' });
  await expect(sheet).toContainText('Go to Storage');
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);
});

test('a view is saved with its name, opens the page, and goes on by its link', async ({ app: page, server }) => {
  await openTable(page);
  await page.getByLabel('Group', { exact: true }).selectOption('kind');
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
  await expect(page).toHaveURL(/group=kind&sort=-name/);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'Save this view' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('By kind');
  await page.getByRole('checkbox', { name: 'This page opens with it' }).check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('log', { name: 'Messages' })).toContainText('The view “By kind” is saved.');
  // It opens with it, in this window and in a new one.
  await jumpTo(page, 'o');
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await openTable(page);
  await expect(page).toHaveURL(/\/infrastructure\?group=kind&sort=-name$/);
  await expect(page.getByRole('button', { name: 'By kind' })).toBeVisible();
  const { items } = (await (await page.request.get(`${server.url}/api/views`)).json()) as { items: { id: string }[] };
  await page.goto(`${server.url}/views/${items[0]?.id ?? ''}`);
  await expect(page).toHaveURL(/\/infrastructure\?group=kind&sort=-name$/);
  await page.getByRole('button', { name: 'By kind' }).click();
  await page.getByRole('menuitem', { name: 'Delete “By kind”' }).click();
  await expect(page.getByRole('log', { name: 'Messages' })).toContainText('is deleted');
  await page.goto(`${server.url}/infrastructure`);
  await expect(page).toHaveURL(/\/infrastructure$/);
});

test('groups are exported as they stand, and nothing in the file is a formula', async ({ app: page }) => {
  await openTable(page);
  await page.getByLabel('Group', { exact: true }).selectOption('status');
  await page.locator('[data-row-link]').first().waitFor();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const download = await saving;
  expect(download.suggestedFilename()).toBe('muster-infrastructure.csv');
  const cells = (await readFile(await download.path(), 'utf8')).split(/[,\r\n]+/);
  expect(cells.filter(cell => /^[=+\-@]/.test(cell))).toEqual([]);
});

test('times and amounts are written as chosen, everywhere and from then on', async ({ app: page }) => {
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('menuitem', { name: 'Preferences' }).click();
  await page.getByLabel('Time zone').fill('Asia/Tokyo');
  await page.getByLabel('Units of bytes').selectOption('decimal');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('region', { name: 'Storage that fills' })).toContainText(/\d [kMGT]B free/);
  await page.reload();
  await expect(page.getByRole('region', { name: 'Storage that fills' })).toContainText(/\d [kMGT]B free/);
  await jumpTo(page, 't');
  const time = page.getByRole('region', { name: 'What happened' }).locator('time').first();
  const hour = new Intl.DateTimeFormat('en', { hour: '2-digit', hourCycle: 'h23', timeZone: 'Asia/Tokyo' });
  const expected = hour.format(new Date((await time.getAttribute('datetime')) ?? ''));
  await expect(time).toHaveText(new RegExp(`^${expected}:`));
});

test('a connection that is lost is said once, above every page', async ({ app: page, server }) => {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Timeline' }).click();
  await server.stop();
  const notices = page.getByRole('region', { name: 'Notices' });
  await expect(notices).toContainText('Not live');
  await server.start();
  await expect(notices).not.toContainText('Not live', { timeout: 60_000 });
});
