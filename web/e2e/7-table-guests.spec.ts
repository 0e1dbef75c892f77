// Ten thousand guests of a simulated cluster, on the page of workloads (D-31): what each sweep costs the browser while all of
// them report, and what it costs to scroll through them. Measured like the charts.
//
// A plain run takes a tenth of them: the servers are built for debugging there, and not what is measured. They work on the
// same cores at the same time, so that it allows four times as much and finds only what got out of hand.
import type { Browser, Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { changeOf, figures, STRICT, traced, twoFrames, type Measured } from './measure';
import { connectTo } from './platform';
import { Simulator } from './simulator';

const CLUSTER = STRICT ? { nodes: 50, guests: 10_000 } : { nodes: 5, guests: 1000 };
const SWEEPS = 4;
const STEPS = 30;
const LENIENCE = STRICT ? 1 : 4;
/** A server built for debugging takes minutes to see all of a large cluster. */
const PATIENCE_MS = 300_000;
/**
 * Milliseconds: an update of D-31, a frame for a turn of the wheel, two where everything is new, and the longest task. A
 * sweep is what each brings, the readings. New facts, of which the first half hour brings many, are held to the longest task.
 */
const BAR = { sweep: 8, wheel: 16, jump: 32, task: 50 };

test.use({ trace: 'off' });
test.setTimeout(3 * PATIENCE_MS);

let simulator: Simulator;

test.beforeAll(async () => {
  simulator = await Simulator.create(['--nodes', `${CLUSTER.nodes}`, '--guests', `${CLUSTER.guests}`]);
});

test.afterAll(async () => {
  await simulator.remove();
});

test('the guests of a large cluster follow each sweep and the wheel', async ({ app: page, browser, server }, info) => {
  await connectTo(page, server, 'large', await simulator.start());
  const sweeps = await holdSweeps(page);
  await page.goto(`${server.url}/workloads`);
  // Templates are no workloads.
  const rows = page.getByText(/^[\d,]+ rows$/);
  await expect
    .poll(async () => Number((await rows.textContent())?.replaceAll(/\D/g, '')), { timeout: PATIENCE_MS })
    .toBeGreaterThan(CLUSTER.guests * 0.9);
  await page.mouse.move(700, 500);
  const sweep = await traced(browser, page, 'sweep', async measured => {
    for (let update = 0; update < SWEEPS; update += 1) await sweeps.next(measured);
  });
  await sweeps.letThrough();
  const cost = { sweep, wheel: await turn(browser, page, 300), jump: await turn(browser, page, 5000) };
  const said = `${CLUSTER.guests} guests\n${figures(cost)}`;
  process.stdout.write(said);
  await info.attach('figures', { body: said, contentType: 'text/plain' });
  for (const what of ['sweep', 'wheel', 'jump'] as const) {
    expect(cost[what].median, `${what}: script and layout in the median`).toBeLessThanOrEqual(BAR[what] * LENIENCE);
    expect(cost[what].task, `${what}: the longest task`).toBeLessThanOrEqual(BAR.task * LENIENCE);
  }
});

function turn(browser: Browser, page: Page, pixels: number) {
  return traced(browser, page, `${pixels} px`, async measured => {
    for (let step = 0; step < STEPS; step += 1) {
      await measured(async () => {
        await page.mouse.wheel(0, pixels);
        await twoFrames(page);
      });
    }
  });
}

type Held = { isReadings: boolean; show: () => void };

/** Set in the page: shows the facts among what was held back, or all of it, and what comes from then on where `goOn` says so. */
declare global {
  var heldSweeps: {
    begun: boolean;
    arrived: boolean;
    waiting: Held[];
    showFacts: () => void;
    release: (goOn: boolean) => void;
  };
}

/**
 * Keeps back in the page what the server sends while it is measured, so that a sweep comes when its stretch has begun. In
 * the page itself, because what a test passes in is counted.
 */
async function holdSweeps(page: Page) {
  await page.addInitScript(() => {
    globalThis.heldSweeps = {
      begun: false,
      arrived: false,
      waiting: [],
      showFacts() {
        const readings = this.waiting.findIndex(({ isReadings }) => isReadings);
        for (const { show } of this.waiting.splice(0, readings)) show();
      },
      release(goOn) {
        const all = this.waiting.splice(0);
        Object.assign(this, { arrived: false, begun: !goOn });
        for (const { show } of all) show();
      },
    };
    globalThis.WebSocket = class extends WebSocket {
      override set onmessage(handler: ((event: MessageEvent) => void) | null) {
        super.onmessage = event => {
          const held = globalThis.heldSweeps;
          if (!held.begun) return handler?.(event);
          const isReadings = String(event.data).startsWith('{"type":"readings"');
          held.waiting.push({ isReadings, show: () => handler?.(event) });
          held.arrived ||= isReadings;
        };
      }
    };
  });
  const next = async (measured: Measured) => {
    await page.evaluate(() => {
      globalThis.heldSweeps.begun = true;
    });
    await page.waitForFunction(() => globalThis.heldSweeps.arrived, undefined, { polling: 500, timeout: PATIENCE_MS });
    await page.evaluate(() => {
      globalThis.heldSweeps.showFacts();
    });
    await twoFrames(page);
    const shown = await changeOf(page.locator('[data-row]').first());
    await measured(async () => {
      await page.evaluate(() => {
        globalThis.heldSweeps.release(false);
      });
      await shown();
    });
  };
  const letThrough = () =>
    page.evaluate(() => {
      globalThis.heldSweeps.release(true);
    });
  return { next, letThrough };
}
