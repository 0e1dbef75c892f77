// Measures what a page costs the browser while something is done to it, from a Chromium trace (D-31).
import type { Browser, Locator, Page } from '@playwright/test';
import { costs, longestTask, mainThread, median, type TraceEvent } from './trace';

const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8'];

/** Does something between two stamps of the trace. */
export type Measured = (act: () => Promise<void>) => Promise<void>;

/** Milliseconds: script and layout of a stretch in the median, and the longest task in and between them. */
export type Cost = { median: number; task: number };

/** Whether the machine does nothing else (`make soak`). Only then does the time on the clock say something about us. */
export const STRICT = Boolean(process.env.MUSTER_STRICT_BARS);

/**
 * How much of a bar of processor time a run may use. The bars themselves are for a machine that does nothing else; a plain
 * run, wherever it is, allows twice as much, so that it finds what got out of hand and nothing else.
 */
export const LENIENCE = STRICT ? 1 : 2;

/** Runs something under a trace and says what the stretches cost that it has measured. */
export async function traced(
  browser: Browser,
  page: Page,
  what: string,
  run: (measured: Measured) => Promise<void>,
): Promise<Cost> {
  const stamp = (name: string) =>
    page.evaluate(text => {
      // eslint-disable-next-line no-console -- it writes into the trace, not onto the console
      console.timeStamp(text);
    }, name);
  await browser.startTracing(page, { categories: CATEGORIES });
  await run(async act => {
    await stamp(`${what} begins`);
    await act();
    await stamp(`${what} ends`);
  });
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const thread = mainThread(traceEvents, what);
  return { median: median(costs(thread, `${what} begins`, `${what} ends`)), task: longestTask(thread, what) };
}

/** Until what has changed is on the screen. */
export async function twoFrames(page: Page) {
  await page.evaluate(
    () =>
      new Promise<void>(shown => {
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            shown();
          }),
        );
      }),
  );
}

/** Waits from now on for what an element says to change and be on the screen. Asking for it would be counted as cost. */
export async function changeOf(element: Locator) {
  const watched = await element.evaluateHandle(words => ({
    shown: new Promise<void>(shown => {
      const observer = new MutationObserver(() => {
        observer.disconnect();
        requestAnimationFrame(() =>
          requestAnimationFrame(() => {
            shown();
          }),
        );
      });
      observer.observe(words, { attributes: true, characterData: true, childList: true, subtree: true });
    }),
  }));
  return () => watched.evaluate(({ shown }) => shown);
}

/** The costs in words, a line to each. */
export function figures(cost: Record<string, Cost>): string {
  return Object.entries(cost)
    .map(([what, { median: ms, task }]) => `${what}: median ${ms.toFixed(1)} ms, longest task ${task.toFixed(1)} ms\n`)
    .join('');
}
