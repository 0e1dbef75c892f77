// A JSON Patch as people read it: what was there before, and what is there now.

export type Change = { field: string; before: string | null; after: string | null };

type Operation = { op: string; path: string; value?: unknown };

/** The changes that a row tells of; none where it tells of something else. */
export function changesOf(detail: unknown): Change[] {
  const operations = isRecord(detail) && Array.isArray(detail.patch) ? detail.patch.filter(isOperation) : [];
  const before = new Map(operations.filter(({ op }) => op === 'test').map(({ path, value }) => [path, value]));
  return operations
    .filter(({ op }) => op !== 'test')
    .map(({ op, path, value }) => ({
      field: path.slice(1).replaceAll('/', ' › ').replaceAll('~1', '/').replaceAll('~0', '~'),
      before: before.has(path) ? shown(before.get(path)) : null,
      after: op === 'remove' ? null : shown(value),
    }));
}

/** What a row tells beside changes, by name. */
export function factsOf(detail: unknown): [string, string][] {
  if (!isRecord(detail)) return [];
  return Object.entries(detail).flatMap(([name, value]) => (name === 'patch' ? [] : [[name, shown(value)]]));
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value.join(', ');
  return JSON.stringify(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOperation(value: unknown): value is Operation {
  return isRecord(value) && typeof value.op === 'string' && typeof value.path === 'string';
}
