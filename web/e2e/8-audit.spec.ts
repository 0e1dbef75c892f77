// The Audit page: what was just done stands there, in full, and the log verifies; accessible in both colour schemes and at
// both widths.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures';

test('what was done is found, read in full and verified', async ({ app: page, server }) => {
  await page.goto(`${server.url}/audit`);
  await page.getByLabel('Action').fill('setup');
  await page.getByLabel('Action').press('Enter');
  await expect(page).toHaveURL(/action=setup/);
  await page.getByRole('button', { name: 'setup', exact: true }).first().click();
  const drawer = page.getByRole('dialog');
  await expect(drawer.getByText('SHA-256')).toBeVisible();
  await drawer.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByText('The log is what was written', { exact: true })).toBeVisible();
  const head = await page.getByText(/^actions\.main\./).textContent();
  await page.getByLabel('Head noted before').fill(head ?? '');
  await page.getByRole('button', { name: 'Verify' }).click();
  await expect(page.getByText('The head is confirmed: nothing before it was rewritten.')).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  expect((await download).suggestedFilename()).toBe('muster-audit.csv');
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    test.describe(`${colorScheme}, ${String(viewport.width)} px`, () => {
      test.use({ colorScheme, viewport });

      test('the audit page is accessible and fits', async ({ app: page, server }) => {
        await page.goto(`${server.url}/audit`);
        await page.getByRole('table').first().waitFor();
        await page.getByRole('button', { name: 'Verify' }).click();
        await expect(page.getByText('The log is what was written', { exact: true })).toBeVisible();
        const { violations } = await new AxeBuilder({ page })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
          .analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow).toBe(0);
      });
    });
  }
}
