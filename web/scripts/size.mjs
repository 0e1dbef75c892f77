// Fails when the script that a browser must load grows beyond the budget (UX-12): 200 KiB compressed to the first
// table, 300 KiB with charts. Reads the build's manifest; run after the build.
import { readFile, stat } from 'node:fs/promises';

const KIB = 1024;
const dist = new URL('../dist/', import.meta.url).pathname;
const manifest = JSON.parse(await readFile(`${dist}.vite/manifest.json`, 'utf8'));

// A chunk and everything that it imports statically.
function closure(name, seen = new Set()) {
  const chunk = manifest[name];
  if (!chunk || seen.has(name)) return seen;
  seen.add(name);
  for (const dependency of chunk.imports ?? []) closure(dependency, seen);
  return seen;
}

async function compressedBytes(names) {
  const scripts = [...names].map(name => manifest[name].file).filter(file => file.endsWith('.js'));
  const sizes = await Promise.all(scripts.map(async file => (await stat(`${dist}${file}.br`)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

const first = closure('index.html');
// The way to the first table leads over the start page.
for (const name of ['src/pages/overview/OverviewPage.tsx', 'src/pages/infrastructure/InfrastructurePage.tsx'])
  closure(name, first);
const charts = new Set(first);
for (const name of ['src/pages/resource/ResourcePage.tsx', 'src/charts/ChartGrid.tsx']) closure(name, charts);

const budgets = [
  { what: 'to the first table', bytes: await compressedBytes(first), limit: 200 * KIB },
  { what: 'with charts', bytes: await compressedBytes(charts), limit: 300 * KIB },
];
for (const { what, bytes, limit } of budgets) {
  const verdict = bytes <= limit ? 'ok' : 'TOO LARGE';
  console.log(`script ${what}: ${(bytes / KIB).toFixed(1)} KiB of ${limit / KIB} KiB, ${verdict}`);
}
if (budgets.some(({ bytes, limit }) => bytes > limit)) process.exit(1);
