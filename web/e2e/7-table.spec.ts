// Ten thousand rows scroll smoothly (D-31): what a turn of the wheel costs, and what it costs to come to rows none of which
// was there before. Measured like the charts.
import type { Page } from '@playwright/test';
import { readings, sparklines } from '../dev/answers';
import { makeEstate, readingsOf } from '../dev/estate';
import type { Resource } from '../src/api/types';
import { expect, test } from './fixtures';
import { figures, LENIENCE, traced, twoFrames } from './measure';

const ROWS = 10_000;
const HOSTS = 2500;
const STEPS = 30;
/** Milliseconds: a frame for a turn of the wheel, two where everything is new; and the longest task of D-31. */
const BAR = { wheel: 16, jump: 32, task: 50 };

test.use({ trace: 'off' });

test('ten thousand rows follow the wheel', async ({ app: page, browser }, info) => {
  await showRows(page);
  const turn = (pixels: number) =>
    traced(browser, page, `${pixels} px`, async measured => {
      for (let step = 0; step < STEPS; step += 1) {
        await measured(async () => {
          await page.mouse.wheel(0, pixels);
          await twoFrames(page);
        });
      }
    });
  const cost = { wheel: await turn(300), jump: await turn(5000) };
  // The wheel has moved something: there are rows where the screen is now, and no more than it needs.
  const rows = page.locator('[data-row]');
  await expect.poll(async () => Number(await rows.first().getAttribute('aria-rowindex'))).toBeGreaterThan(1000);
  await expect(rows.nth(9)).toBeInViewport();
  expect(await rows.count()).toBeLessThan(60);
  process.stdout.write(`${ROWS} rows\n${figures(cost)}`);
  await info.attach('figures', { body: figures(cost), contentType: 'text/plain' });
  expect(cost.wheel.median).toBeLessThanOrEqual(BAR.wheel * LENIENCE);
  expect(cost.jump.median).toBeLessThanOrEqual(BAR.jump * LENIENCE);
  expect(Math.max(cost.wheel.task, cost.jump.task)).toBeLessThanOrEqual(BAR.task * LENIENCE);
});

/** The page with its rows, of resources that there are only here. */
async function showRows(page: Page) {
  const all = makeEstate(HOSTS).slice(0, ROWS);
  const resources = all.map(measuredNow);
  await page.routeWebSocket('**/ws*', socket => {
    socket.send(JSON.stringify({ type: 'state', state: { revision: 1, resources } }));
    socket.onMessage(() => {
      socket.send(JSON.stringify(readings(all.slice(0, 60), Date.now())));
    });
  });
  await page.route('**/api/state*', route =>
    route.fulfill({ json: { revision: 1, resources, connectedInfrastructure: [] } }),
  );
  await page.route('**/api/metrics/sparklines*', route =>
    route.fulfill({ json: sparklines(new URL(route.request().url()).searchParams, all) }),
  );
  await page.goto(new URL('/infrastructure?view=all', page.url()).href);
  await page.locator('[data-row]').nth(10).waitFor();
  await page.mouse.move(700, 500);
  await twoFrames(page);
}

function measuredNow(resource: Resource): Resource {
  const now = Date.now();
  return { ...resource, lastSeen: new Date(now).toISOString(), metrics: readingsOf(resource, now) };
}
