// Every page in both colour schemes and at both widths: WCAG 2.2 AA by axe, no sideways scrolling, targets large enough,
// and nothing that the content security policy had to refuse (UX-5, D-22).
import type { Page } from '@playwright/test';
import { check, SCHEMES, SIZES } from './accessible';
import { expect, openHost, openTable, test } from './fixtures';
import { Server } from './server';

const SMALLEST_TARGET = 44;

test('the page of the set-up link is accessible and fits', async ({ page }) => {
  // A server of its own, since the one that the other tests share has been set up.
  const fresh = await Server.create();
  try {
    const refused = refusals(page);
    const link = await fresh.setupLink();
    for (const colorScheme of SCHEMES) {
      for (const size of SIZES) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(size);
        await page.goto(link);
        await page.getByRole('button', { name: 'Create administrator' }).waitFor();
        await checkPage(page);
        await page.goto(fresh.url);
        await page.getByRole('heading', { level: 1, name: 'Open the set-up link' }).waitFor();
        await checkPage(page);
      }
    }
    expect(refused).toEqual([]);
  } finally {
    await fresh.remove();
  }
});

for (const scheme of SCHEMES) {
  for (const size of SIZES) {
    test.describe(`${scheme}, ${size.width} px`, () => {
      test.use({ colorScheme: scheme, viewport: size });

      test('every page is accessible and fits', async ({ app: page, server }) => {
        const refused = refusals(page);
        await page.getByRole('region', { name: 'Not well' }).waitFor();
        await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
        await checkPage(page);
        await openHost(page);
        await page.locator('canvas').first().waitFor();
        await checkPage(page);
        for (const path of [
          '/infrastructure',
          '/infrastructure?view=all',
          '/infrastructure?group=kind',
          '/infrastructure?q=nothing-at-all',
          '/workloads',
          '/storage',
          '/charts',
          '/charts?q=nothing-at-all',
          '/timeline',
          '/connections',
          '/connections/new',
          '/connections/systems',
          '/connections/identity',
          '/system',
          '/resources/agent-0000000000000000',
        ]) {
          await page.goto(server.url + path);
          await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
          await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
          await checkPage(page);
        }
        expect(refused).toEqual([]);
      });

      test('the page for signing in is accessible and fits', async ({ page, server }) => {
        await page.goto(`${server.url}/login`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await checkPage(page);
      });

      test('the scheme stands before the first paint', async ({ page, server }) => {
        await page.goto(`${server.url}/login`, { waitUntil: 'commit' });
        await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
      });
    });
  }
}

test.describe('a small screen', () => {
  test.use({ viewport: SIZES[1] });

  test('has targets that a thumb can hit', async ({ app: page }) => {
    await openTable(page);
    await page.locator('[data-row-link]').first().waitFor();
    const targets = page.locator(
      'nav a:visible, header button:visible, [data-row-link]:visible, [data-row] button:visible',
    );
    for (const target of await targets.all()) {
      const box = await target.boundingBox();
      expect(box?.height, await target.innerHTML()).toBeGreaterThanOrEqual(SMALLEST_TARGET);
    }
  });
});

async function checkPage(page: Page) {
  await expect(page.getByText('This page has a fault')).toHaveCount(0);
  await check(page, page.url());
}

/** Collects what the browser says about the content security policy. */
function refusals(page: Page): string[] {
  const said: string[] = [];
  page.on('console', message => {
    if (message.text().includes('Content Security Policy')) said.push(message.text());
  });
  return said;
}
