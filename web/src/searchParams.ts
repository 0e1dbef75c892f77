// How the state of a view stands in the address: plain words, no quotes, nothing that is at its default.

export type PlainSearch = Record<string, string>;

export function parseSearch(text: string): PlainSearch {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Leaves out what is empty or undefined. Commas, colons and slashes stay readable. */
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (typeof value === 'string' && value !== '') params.set(key, value);
  }
  const text = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/');
  return text === '' ? '' : `?${text}`;
}

/** The words of a comma-separated parameter that are among those allowed, each once. */
export function parseWords<Word extends string>(text: string | undefined, allowed: readonly Word[]): Word[] {
  const words = new Set(text?.split(',').map(word => word.trim()));
  return allowed.filter(word => words.has(word));
}
