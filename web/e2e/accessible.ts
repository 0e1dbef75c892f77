// Whether everybody can use what stands on a page: WCAG 2.2 AA by axe, and nothing beside the screen (UX-5, D-22).
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

export const SCHEMES = ['light', 'dark'] as const;
export const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;

/** What stands on the page now, as it is shown now. */
export async function check(page: Page, what: string) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`),
    what,
  ).toEqual([]);
  const widths = await page.evaluate(() => {
    const main = document.querySelector('main');
    return [
      document.documentElement.scrollWidth - window.innerWidth,
      (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0),
    ];
  });
  expect(Math.max(...widths), what).toBeLessThanOrEqual(0);
}

/** The same in both colour schemes and at both widths. */
export async function accessible(page: Page, what: string) {
  for (const colorScheme of SCHEMES) {
    for (const size of SIZES) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(size);
      await check(page, `${what}, ${colorScheme}, ${size.width} px`);
    }
  }
  await page.setViewportSize(SIZES[0]);
}
