// The Connections pages against a simulated cluster over real TLS: a connection is made step by step, its guests appear, the
// cluster fails and comes back, and the connection is removed; accessible in both colour schemes and at both widths.
import type { Page } from '@playwright/test';
import { accessible } from './accessible';
import { expect, test } from './fixtures';
import { Simulator, type Cluster } from './simulator';

const NAME = 'attic';

let simulator: Simulator;
let cluster: Cluster;

test.beforeAll(async () => {
  simulator = await Simulator.create();
  cluster = await simulator.start();
});

test.afterAll(async () => {
  await simulator.remove();
});

test('a cluster is connected, seen, missed, found again and removed', async ({ app: page, server }) => {
  await page.goto(`${server.url}/connections`);
  await expect(page.getByText('No platform is connected')).toBeVisible();
  await page.getByRole('link', { name: 'Add a connection' }).click();
  await accessible(page, 'the empty form');
  await connect(page);

  await page.goto(`${server.url}/workloads`);
  const row = page.locator('[data-row-link]').first();
  await row.click();
  const link = page.getByRole('link', { name: 'Open on the platform' });
  await expect(link).toHaveAttribute('href', /\/#v1:0:=(qemu|lxc)%2F\d+:4$/);
  await expect(link).toHaveAttribute('rel', /noopener/);
  await accessible(page, 'a guest');

  await simulator.stop();
  await openConnection(page, server.url);
  await page.getByRole('button', { name: 'Test now' }).click();
  await expect(page.getByText(`${NAME}: Nobody answers`).first()).toBeVisible();
  await accessible(page, 'a connection that fails');
  await page.goto(server.url);
  await expect(page.locator('#blindness').getByRole('link', { name: NAME }).first()).toBeVisible();
  await expect(page.getByText('All well', { exact: false })).toHaveCount(0);

  await simulator.start();
  await openConnection(page, server.url);
  await page.getByRole('button', { name: 'Test now' }).click();
  await expect(page.getByText(`${NAME}: Nobody answers`)).toHaveCount(0);
  await page.getByRole('button', { name: 'Examine the rights' }).click();
  await expect(page.getByText(/calls? (is|are) granted/).first()).toBeVisible();
  await accessible(page, 'a connection with its rights');

  await page.getByRole('button', { name: `Remove ${NAME}` }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(NAME);
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No platform is connected')).toBeVisible();
});

/** Through every step of the guided form, with the fingerprint compared. */
async function connect(page: Page) {
  await page.getByRole('textbox', { name: 'Addresses' }).fill(cluster.endpoints[0] ?? '');
  await page.getByRole('button', { name: 'See who answers' }).click();
  await expect(page.getByText(cluster.fingerprints[0] ?? '')).toBeVisible();
  await page.getByLabel('I compared this fingerprint').check();
  await page.getByRole('textbox', { name: /^Token/ }).fill(cluster.token);
  await page.locator('input[name=secret]').fill(cluster.secret);
  await page.getByText('Commands that make it').click();
  await page.getByRole('button', { name: 'Check the connection' }).click();
  await expect(page.getByText(/calls? (is|are) granted/).first()).toBeVisible();
  await accessible(page, 'the form with its findings');
  await page.getByRole('textbox', { name: /^Name/ }).fill(NAME);
  await page.getByRole('button', { name: 'Connect' }).click();
  await expect(page.getByRole('heading', { level: 1, name: NAME })).toBeVisible();
  // The mark, not the notice that says "attic is connected."
  const mark = (text: string) => page.getByText(text, { exact: true });
  await expect(mark('Connected').or(mark('Parts are missing')).first()).toBeVisible();
}

async function openConnection(page: Page, url: string) {
  await page.goto(`${url}/connections`);
  await page.getByRole('link', { name: NAME, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: NAME }).waitFor();
}
