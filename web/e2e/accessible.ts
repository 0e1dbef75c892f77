// Whether everybody can use what stands on a page: in both colour schemes, wide and on a phone, and nothing beside the screen.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const SCHEMES = ['light', 'dark'] as const;
const VIEWPORTS = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
/** What stands on the page now, in both colour schemes and at both widths. */
export async function accessible(page: Page, what: string) {
  for (const colorScheme of SCHEMES) {
    for (const viewport of VIEWPORTS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      const said = `${what}, ${colorScheme}, ${String(viewport.width)} px`;
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`),
        said,
      ).toEqual([]);
      const main = page.locator('main');
      expect(await main.evaluate(it => it.scrollWidth - it.clientWidth), said).toBeLessThanOrEqual(0);
      const shots = process.env.SHOTS;
      if (shots) await page.screenshot({ path: `${shots}/${said.replaceAll(/\W+/g, '-')}.png`, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
