// How the application is built, served while developing, and tested.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const server = process.env.MUSTER_URL ?? 'http://127.0.0.1:8420';
const proxy = {
  '/api': { target: server, headers: { origin: server }, changeOrigin: true },
  '/ws': { target: server, ws: true, headers: { origin: server }, changeOrigin: true },
};

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy },
  build: {
    target: 'es2024',
    // The content security policy allows images from data: URLs, and nothing else.
    assetsInlineLimit: 0,
    // A style sheet that did not come is not asked for again, so that a page retried after an outage would go without.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    // For what never comes: a machine with other work is slow, and not wrong.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
