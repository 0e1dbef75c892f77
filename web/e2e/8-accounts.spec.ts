// The Access page: one's own account with a second factor, tokens whose secret is shown once, users; each tab accessible in
// both colour schemes and at both widths.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { createHmac } from 'node:crypto';
import { ADMIN, expect, test } from './fixtures';

const STEP_MS = 30_000;
const TABS = ['Account', 'Sessions', 'Users', 'Tokens', 'Sign-in'] as const;

/** What an authenticator shows for a secret in base 32 (RFC 6238). */
function authenticator(secret: string, time: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(secret, letter => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(time / STEP_MS)));
  const tag = createHmac('sha1', key).update(step).digest();
  const offset = (tag.at(-1) ?? 0) & 15;
  return String((tag.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

async function openTab(page: Page, url: string, tab: string) {
  await page.goto(`${url}/access`);
  await page.getByRole('tab', { name: tab }).click();
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
}

test('a token is created, works, and its secret is never shown again', async ({ app: page, server }) => {
  await openTab(page, server.url, 'Tokens');
  await page.getByLabel('Name').fill('dashboard');
  await page.getByRole('button', { name: 'Create token' }).click();
  const secret = await page.getByText(/^mst_/).textContent();
  const headers = { authorization: `Bearer ${secret ?? ''}` };
  expect((await fetch(`${server.url}/api/system`, { headers })).status).toBe(200);
  await page.reload();
  await page.getByRole('rowheader', { name: 'dashboard' }).waitFor();
  await expect(page.getByText(/^mst_/)).toHaveCount(0);
  await page.getByRole('button', { name: 'Revoke dashboard' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('rowheader', { name: 'dashboard' })).toHaveCount(0);
  expect((await fetch(`${server.url}/api/system`, { headers })).status).toBe(401);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    test.describe(`${colorScheme}, ${viewport.width} px`, () => {
      test.use({ colorScheme, viewport });

      test('every tab is accessible and fits', async ({ app: page, server }) => {
        for (const tab of TABS) {
          await openTab(page, server.url, tab);
          const { violations } = await new AxeBuilder({ page })
            .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
            .analyze();
          expect(
            violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`),
            tab,
          ).toEqual([]);
          const main = page.locator('main');
          expect(await main.evaluate(it => it.scrollWidth - it.clientWidth), tab).toBeLessThanOrEqual(0);
        }
      });
    });
  }
}

test('a second factor is set up, asked for, and a recovery code helps out', async ({ app: page, server }) => {
  await openTab(page, server.url, 'Account');
  const form = page.getByRole('form', { name: 'Set up a second factor' });
  await form.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password);
  await form.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('img', { name: 'The secret as a QR code' }).waitFor();
  const confirm = page.getByRole('form', { name: 'Confirm the second factor' });
  const secret = (await confirm.locator('code').textContent()) ?? '';
  await confirm.getByRole('textbox', { name: 'Code' }).fill(authenticator(secret, Date.now()));
  await confirm.getByRole('button', { name: 'Confirm' }).click();
  const listed = page.getByRole('listitem').filter({ hasText: /^\w{4}-\w{4}-\w{4}-\w{4}$/ });
  await expect(listed).toHaveCount(10);
  const codes = await listed.allTextContents();
  await page.getByRole('button', { name: 'Done' }).click();

  await page.context().clearCookies();
  await page.goto(`${server.url}/login`);
  await page.getByLabel('Name').fill(ADMIN.username);
  await page.getByLabel('Password', { exact: false }).first().fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('textbox', { name: 'Code' }).fill(codes[0] ?? '');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();

  // The other tests of this server sign in without one.
  await openTab(page, server.url, 'Account');
  const disable = page.getByRole('form', { name: 'Disable the second factor' });
  await disable.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password);
  await disable.getByRole('textbox', { name: 'Code' }).fill(codes[1] ?? '');
  await disable.getByRole('button', { name: 'Disable second factor' }).click();
  await page.getByRole('form', { name: 'Set up a second factor' }).waitFor();
});
