// Who is who, and what is connected: two clusters with nodes of one name and address are told apart, joined and split by hand;
// a machine is ignored and heard again; a disk tells its condition. Accessible in both colour schemes and at both widths.
import type { Page } from '@playwright/test';
import { accessible } from './accessible';
import { expect, test } from './fixtures';
import { connectTo } from './platform';
import { Simulator } from './simulator';

// Two sites that were numbered alike, as sites are.
const SMALL = ['--nodes', '1', '--guests', '1', '--site', '7'];
const PAIR = 'pve1 and pve1';

test.use({ estate: 'two clusters' });

const simulators: Simulator[] = [];

test.afterAll(async () => {
  for (const simulator of simulators) await simulator.remove();
});

async function connect(page: Page, server: Parameters<typeof connectTo>[1], name: string) {
  const simulator = await Simulator.create([...SMALL, '--name', name]);
  simulators.push(simulator);
  await connectTo(page, server, name, await simulator.start());
}

test('two of one name are set apart, put back, joined and split', async ({ app: page, server }) => {
  await connect(page, server, 'attic');
  await connect(page, server, 'cellar');
  const pair = page.getByRole('region', { name: PAIR });
  await expect(async () => {
    await page.goto(`${server.url}/connections/identity`);
    await expect(pair).toBeVisible({ timeout: 3000 });
  }).toPass();
  await accessible(page, 'a pair of which it is not certain');

  await rule(page, `Set ${PAIR} apart`, 'They are two', 'one in the attic, one in the cellar');
  await expect(pair).toHaveCount(0);
  const rulings = page.getByRole('region', { name: 'Rulings that stand' });
  await expect(rulings.getByText('one in the attic, one in the cellar')).toBeVisible();
  await accessible(page, 'a ruling');
  await rulings.getByRole('button', { name: /^Take back/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
  await expect(pair).toBeVisible();

  await rule(page, `Join ${PAIR}`, 'Join', 'moved');
  await expect(pair).toHaveCount(0);
  await rulings.getByRole('link', { name: 'pve1' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'pve1' }).waitFor();
  await expect(page.getByText(/Joined with another/)).toBeVisible();
  await page.getByRole('button', { name: 'Split pve1' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: /^What cellar knows/ }).check();
  await dialog.getByRole('button', { name: 'Split' }).click();
  await expect(page.getByText('pve1 is split.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Split pve1' })).toHaveCount(0);
});

test('a machine is ignored, and heard again', async ({ app: page, server }) => {
  await page.goto(`${server.url}/connections/systems`);
  const ignore = page.getByRole('button', { name: /^Ignore the / });
  await expect(ignore.first()).toBeVisible();
  await accessible(page, 'connected systems');
  await ignore.first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ignore' }).click();
  const ignored = page.getByRole('region', { name: 'Ignored' });
  await expect(ignored).toBeVisible();
  await expect(ignore).toHaveCount(0);
  await accessible(page, 'ignored systems');
  await ignored.getByRole('button', { name: /^Listen to/ }).click();
  await expect(ignored).toHaveCount(0);
  await expect(ignore.first()).toBeVisible();
});

test('a disk tells its condition, and what nobody knows of it', async ({ app: page, server }) => {
  await page.goto(`${server.url}/storage?kind=physical_disk`);
  // Of the cluster; it spins, and has no life that wears out by being written.
  const rows = page.getByRole('row').filter({ hasText: 'pve1' }).filter({ hasText: 'sda' });
  await rows.first().locator('[data-row-link]').click();
  const condition = page.getByRole('region', { name: 'Condition' });
  await expect(condition.getByText('Verdict')).toBeVisible();
  await expect(condition.getByText('Life left')).toHaveCount(0);
  // Such disks do not count them.
  const untold = condition.locator('dl > div').filter({ hasText: 'Unsafe shutdowns' });
  await expect(untold).toContainText('unknown');
  await accessible(page, 'a disk');
});

/** Decides about a pair, with a note. */
async function rule(page: Page, label: string, button: string, note: string) {
  await page.getByRole('button', { name: label }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /^Why/ }).fill(note);
  await dialog.getByRole('button', { name: button }).click();
  await expect(dialog).toHaveCount(0);
}
