// The charts of a resource (UX-3): one crosshair, zoom, pause, spans, gaps, events, files, and all of it by keyboard. What
// they show is made up, so that it has a past; the server and the page are real.
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { GAP, history, SLOW_MS } from '../dev/answers';
import { changesOf } from '../dev/estate';
import { aResource } from '../src/test/resources';
import { expect, openHost, test } from './fixtures';
import { twoFrames } from './measure';

const HOUR_MS = 3_600_000;
const EVENT = { id: '00000000-0000-8000-8000-000000000000', text: 'State: online → warning' };

test.beforeEach(async ({ app: page }) => {
  await page.route('**/api/metrics/history*', route =>
    route.fulfill({ json: history(new URL(route.request().url()).searchParams) }),
  );
  await page.route('**/api/resources/*/timeline*', route =>
    route.fulfill({
      json: { items: changesOf([aResource({ id: 'agent-0' })]), nextPageToken: null, revision: 1 },
    }),
  );
  await openHost(page);
  await panel(page, 'CPU').locator('canvas').waitFor();
  await twoFrames(page);
});

test('one crosshair goes over all charts, and each tells its values at that time', async ({ app: page }) => {
  await pointAt(page, 'CPU', 0.8);
  await expect(panel(page, 'CPU').getByText(/\d\d:\d\d:\d\d/)).toBeVisible();
  await expect(panel(page, 'CPU').getByText(/^CPU: \d/m)).toBeVisible();
  await expect(panel(page, 'Memory').getByText(/^Memory: \d/m)).toBeVisible();
  // Between two looks the charts may move on.
  await expect.poll(async () => (await crosshairOf(page, 'Memory')) === (await crosshairOf(page, 'CPU'))).toBe(true);
  await page.mouse.move(2, 2);
  await expect(panel(page, 'Memory').getByText(/^Memory: \d/m)).toBeHidden();
});

test('a gap is drawn as a gap, hatched, and says why it is there (D-9)', async ({ app: page }) => {
  const middle = (GAP.from + GAP.to) / 2;
  await expect.poll(() => linePixels(page, 'CPU', GAP.to + 300_000)).toBeGreaterThan(0);
  await expect.poll(() => linePixels(page, 'CPU', middle)).toBe(0);
  await pointAt(page, 'CPU', await shareOf(page, middle));
  await expect(panel(page, 'CPU').getByText('Gap: This server was not running')).toBeVisible();
  await expect(panel(page, 'Memory').getByText('Gap: This server was not running')).toBeVisible();
});

test('a metric that is sampled more slowly than the others is a line, and a gap in it a gap (D-10)', async ({
  app: page,
}) => {
  const sample = Math.floor((GAP.to + 900_000) / SLOW_MS) * SLOW_MS;
  for (const share of [0.25, 0.5, 0.75]) {
    await expect.poll(() => linePixels(page, 'Disk space', sample + share * SLOW_MS)).toBeGreaterThan(0);
  }
  await expect.poll(() => linePixels(page, 'Disk space', (GAP.from + GAP.to) / 2)).toBe(0);
  await pointAt(page, 'Disk space', await shareOf(page, sample + SLOW_MS / 2));
  await expect(panel(page, 'Disk space').getByText(/^Disk space: .* at \d\d:\d\d:00$/m)).toBeVisible();
});

test('dragging zooms all charts, and both ways back lead to the range before', async ({ app: page }) => {
  await page.getByRole('button', { name: '6 h' }).click();
  await shows(page, 'Memory', 6 * HOUR_MS);
  await drag(page, 'Memory', 0.5, 0.9);
  await expect(page).toHaveURL(/\?range=6h&from=[^&]+Z&to=[^&]+Z$/);
  const [from, to] = ['from', 'to'].map(name => Date.parse(new URL(page.url()).searchParams.get(name) ?? ''));
  expect((to ?? 0) - (from ?? 0)).toBeGreaterThan(2.2 * HOUR_MS);
  expect((to ?? 0) - (from ?? 0)).toBeLessThan(2.6 * HOUR_MS);
  await panel(page, 'CPU')
    .locator('.u-over')
    .dblclick({ position: { x: 60, y: 60 } });
  await expect(page).toHaveURL(/\?range=6h$/);
  await drag(page, 'CPU', 0.2, 0.4);
  await page.getByRole('button', { name: 'Zoom back' }).click();
  await expect(page).toHaveURL(/\?range=6h$/);
});

test('paused charts stand still, also after a reload, until they follow again', async ({ app: page }) => {
  await page.getByRole('group', { name: 'Span of time' }).getByRole('button', { name: 'Pause' }).click();
  await expect(page).toHaveURL(/until=[^&]+Z$/);
  const said = page.getByText(/^paused at/);
  const words = (await said.textContent()) ?? '';
  await page.reload();
  await expect(said).toHaveText(words);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page).not.toHaveURL(/until=/);
  await expect(page.getByText(/^up to \d/)).toBeVisible();
});

test('following charts ask only for their end', async ({ app: page }) => {
  const asked = page.waitForRequest(/metrics\/history\?.*from=/, { timeout: 60_000 });
  const points = Number(new URL((await asked).url()).searchParams.get('points'));
  // From the last sample of the slowest metric on.
  expect(points).toBeLessThan(40);
});

test('a span can be written in words, or as two times', async ({ app: page }) => {
  await page.getByRole('button', { name: 'Other' }).click();
  await page.getByLabel('Last', { exact: true }).fill('last 3 fortnights');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/Write a number and a unit/)).toBeVisible();
  await page.getByLabel('Last', { exact: true }).fill('3 hours');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\?range=3h$/);
  await page.getByRole('button', { name: 'Last 3 h' }).click();
  await page.getByLabel(/^From/).fill('2026-01-02T03:00');
  await page.getByLabel(/^To/).fill('2026-01-02T04:30');
  await page.getByRole('button', { name: 'Show from and to' }).click();
  await expect(page).toHaveURL(/from=2026-01-0[123]T[^&]+Z&to=2026-01-0[123]T/);
  await expect(page.getByText(/Jan 02, 2026, 03:00:00.* to .*Jan 02, 2026, 04:30:00/).last()).toBeVisible();
});

test('a mark tells of an event and leads to it', async ({ app: page }) => {
  await page.getByRole('button', { name: '15 min' }).click();
  const mark = panel(page, 'CPU').getByRole('button', { name: EVENT.text });
  await mark.hover();
  await expect(page.getByRole('tooltip')).toContainText(EVENT.text);
  await mark.click();
  await expect(page).toHaveURL(new RegExp(`#change-${EVENT.id}$`));
  const row = page.getByRole('listitem').and(page.locator('[aria-current]'));
  await expect(row).toBeInViewport();
  await expect(row).toContainText('online → warning');
});

test('everything that the pointer does on a chart, the keyboard does', async ({ app: page }) => {
  const slider = panel(page, 'CPU').getByRole('slider');
  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(slider).toHaveAttribute('aria-valuetext', /\d\d:\d\d:\d\d.*CPU: /);
  await expect(panel(page, 'Memory').getByText(/^Memory: /m)).toBeVisible();
  for (let press = 0; press < 9; press += 1) await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/from=[^&]+Z&to=/);
  await page.keyboard.press('0');
  await expect(page).not.toHaveURL(/from=/);
  await page.keyboard.press('+');
  await expect(page).toHaveURL(/from=[^&]+Z&to=/);
  await page.keyboard.press('0');
  await expect(page).not.toHaveURL(/from=/);
  await shows(page, 'CPU', HOUR_MS);
  await page.keyboard.press('PageUp');
  await expect(slider).toHaveAttribute('aria-valuetext', EVENT.text);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#change-/);
});

test('a chart can be saved as picture and as numbers', async ({ app: page }) => {
  const save = async (what: string) => {
    await page.getByRole('button', { name: 'Save the chart Memory' }).click();
    const saving = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: what }).click();
    const download = await saving;
    return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
  };
  const csv = await save('Save as CSV');
  expect(csv.name).toMatch(/Memory\.csv$/);
  expect(csv.content.toString()).toMatch(/^time,memory_avg \(percent\),memory_min/);
  const png = await save('Save as PNG');
  expect(png.name).toMatch(/Memory\.png$/);
  expect(png.content.subarray(1, 4).toString()).toBe('PNG');
});

test('the badge explains what a point is', async ({ app: page }) => {
  await page.getByRole('button', { name: /raw$/ }).click();
  await expect(page.getByRole('dialog')).toContainText('Each point');
});

test('charts take the colours of the scheme that is chosen', async ({ app: page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(() => linePixels(page, 'CPU', GAP.to + 300_000)).toBeGreaterThan(0);
  const light = await page.evaluate(lineColour);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => page.evaluate(lineColour)).not.toBe(light);
  await expect.poll(() => linePixels(page, 'CPU', GAP.to + 300_000)).toBeGreaterThan(0);
});

test.describe('on a small screen with touch', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('nothing is cut off, and everything is large enough for a finger', async ({ app: page }) => {
    for (const path of [page.url(), new URL('/charts', page.url()).href]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(path);
        await page.locator('canvas').first().waitFor();
        await expect.poll(() => page.evaluate(hardToHit)).toEqual([]);
      }
    }
  });

  test('a tap reads a chart, and the buttons zoom', async ({ app: page }) => {
    const over = panel(page, 'CPU').locator('.u-over');
    await over.tap({ position: { x: 200, y: 60 } });
    await expect(panel(page, 'CPU').getByText(/^CPU: \d/m)).toBeVisible();
    await page.getByRole('button', { name: 'Zoom in' }).tap();
    await expect(page).toHaveURL(/from=[^&]+Z&to=/);
    await page.getByRole('button', { name: 'Zoom back' }).tap();
    await expect(page).not.toHaveURL(/from=/);
  });
});

function panel(page: Page, name: string) {
  return page.getByRole('region', { name, exact: true });
}

/** Until a chart is drawn over a span of this length, and not over the one before. */
async function shows(page: Page, name: string, length: number) {
  const slider = panel(page, name).getByRole('slider');
  const edge = async (which: 'min' | 'max') => Number(await slider.getAttribute(`aria-value${which}`));
  await expect.poll(async () => Math.abs((await edge('max')) - (await edge('min')) - length)).toBeLessThan(length / 10);
  await twoFrames(page);
}

async function plotBox(page: Page, name: string) {
  // What nobody sees has no canvas.
  await panel(page, name).scrollIntoViewIfNeeded();
  const box = await panel(page, name).locator('.u-over').boundingBox();
  if (!box) throw new Error(`the chart ${name} has no size`);
  return box;
}

async function pointAt(page: Page, name: string, share: number) {
  const box = await plotBox(page, name);
  await page.mouse.move(box.x + box.width * share, box.y + 60, { steps: 3 });
}

async function drag(page: Page, name: string, from: number, to: number) {
  await pointAt(page, name, from);
  await page.mouse.down();
  await pointAt(page, name, to);
  await page.mouse.up();
}

async function crosshairOf(page: Page, name: string) {
  return panel(page, name)
    .locator('.u-cursor-x')
    .evaluate(line => getComputedStyle(line).transform);
}

/** Where a time stands on the charts, which show the last hour. */
async function shareOf(page: Page, time: number) {
  const now = await page.evaluate(() => Date.now());
  return 1 - (now - time) / HOUR_MS;
}

/** What can be pressed but is too small for a finger or beyond the edge of the screen. */
function hardToHit(): string[] {
  const smallest = 40;
  return [...document.querySelectorAll<HTMLElement>('main :is(a, button, input, select, [role=slider])')]
    .map(element => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0)
    .filter(({ box }) => box.width < smallest || box.height < smallest || box.left < 0 || box.right > window.innerWidth)
    .map(
      ({ element, box }) => `${element.ariaLabel ?? element.textContent}: ${box.width} x ${box.height} at ${box.left}`,
    );
}

/** The colour of the first line, as the page has it now. */
function lineColour(): string {
  return getComputedStyle(document.documentElement).getPropertyValue('--series-1').trim();
}

/** How many pixels of a chart's canvas at a time have the colour of its first line. */
async function linePixels(page: Page, name: string, time: number) {
  const colour = await page.evaluate(lineColour);
  const [x, box, canvas] = [await shareOf(page, time), await plotBox(page, name), panel(page, name).locator('canvas')];
  const canvasBox = await canvas.boundingBox();
  const left = box.x - (canvasBox?.x ?? 0) + x * box.width;
  return canvas.evaluate(
    (element, { wanted, at }) => {
      const surface = element as HTMLCanvasElement;
      const ratio = surface.width / surface.clientWidth;
      const { data } = surface.getContext('2d')?.getImageData(Math.round(at * ratio) - 1, 0, 3, surface.height) ?? {
        data: [],
      };
      const [red, green, blue] = [1, 3, 5].map(start => Number.parseInt(wanted.slice(start, start + 2), 16));
      let found = 0;
      for (let pixel = 0; pixel < data.length; pixel += 4) {
        const off = (channel: number, value = 0) => Math.abs((data[pixel + channel] ?? 0) - value);
        if ((data[pixel + 3] ?? 0) > 200 && off(0, red) + off(1, green) + off(2, blue) < 40) found += 1;
      }
      return found;
    },
    { wanted: colour, at: left },
  );
}
