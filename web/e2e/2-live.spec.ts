// Live data: charts that move, spans in the address, and what a restart leaves (D-9, D-12).
import { expect, openHost, openTable, test } from './fixtures';
import { twoFrames } from './measure';

test.describe.configure({ mode: 'serial' });

/** Several times what it takes, ten seconds. */
const SWEEP_MS = 60_000;

test('a host opens to its filesystems and interfaces', async ({ app: page }) => {
  await openTable(page);
  await page
    .getByRole('button', { name: /^Open / })
    .first()
    .click();
  await expect(
    page
      .getByRole('row')
      .filter({ hasText: /ext4|xfs|overlay|btrfs|tmpfs|zfs/ })
      .first(),
  ).toBeVisible();
});

test('a chart draws what is measured and moves with each sweep', async ({ app: page }) => {
  await openHost(page);
  const chart = page.getByRole('region', { name: 'Memory' }).getByRole('img');
  await expect(chart).toHaveAttribute('aria-label', /Memory \d/, { timeout: SWEEP_MS });
  const upTo = page.getByText(/^up to \d/);
  const before = await upTo.textContent();
  await expect(upTo).not.toHaveText(before ?? '', { timeout: SWEEP_MS });
  await expect(page.getByText(/^10 s raw$/)).toBeVisible();
});

test('the span stands in the address and survives a reload', async ({ app: page }) => {
  await openHost(page);
  await page.getByRole('button', { name: '24 h' }).click();
  await expect(page).toHaveURL(/\?range=24h$/);
  await page.reload();
  await expect(page.getByRole('button', { name: '24 h' })).toHaveAttribute('aria-pressed', 'true');
});

test('dragging over a chart zooms all of them, and a double click goes back', async ({ app: page }) => {
  await openHost(page);
  const over = page.getByRole('region', { name: 'Memory' }).locator('.u-over');
  await over.waitFor();
  await twoFrames(page);
  const box = await over.boundingBox();
  if (!box) throw new Error('the chart has no size');
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 40, { steps: 8 });
  await page.mouse.up();
  await expect(page).toHaveURL(/\?from=[^&]+Z&to=[^&]+Z$/);
  await page.getByRole('region', { name: 'Memory' }).locator('.u-over').dblclick();
  await expect(page).toHaveURL(/\/resources\/[^?]+$/);
});

test('a page first opened while the server is away says so, and opens once it is back', async ({
  app: page,
  server,
}) => {
  await server.stop();
  await page.getByRole('link', { name: 'System', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('The server did not answer');
  await server.start();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('region', { name: 'Engine' })).toBeVisible();
});

test('a break is announced and mended, and a restart keeps history and session', async ({ app: page, server }) => {
  await openHost(page);
  const chart = page.getByRole('region', { name: 'Memory' }).getByRole('img');
  await expect(chart).toHaveAttribute('aria-label', /Memory \d/, { timeout: SWEEP_MS });
  const stoppedAt = Date.now();

  await server.stop();
  await expect(page.getByText(/^Reconnecting, lost/)).toBeVisible();
  await expect(page.getByText(/^Not live: the server was last heard from/)).toBeVisible();

  await server.start();
  await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 60_000 });
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const answer = await page.request.get(`${server.url}/api/metrics/history?resource=${id}&metrics=memory&range=15m`);
  const history = (await answer.json()) as { times: number[]; series: { avg: (number | null)[] }[] };
  const kept = history.times.filter((time, row) => time < stoppedAt && history.series[0]?.avg[row] !== null);
  expect(kept.length).toBeGreaterThan(0);
});
