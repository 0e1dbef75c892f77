// The whole product in a real browser: each run starts the real server on a data directory of its own.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'e2e',
  // The limits are for what never comes: a machine with other work is slow, and not wrong.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  // One server and one set-up link: the tests follow each other.
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
      // Chromium's sandbox does not start as root.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
});
