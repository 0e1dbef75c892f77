// Spans to choose from, in seconds.

export const OVERLAPS = [
  { value: '0', label: 'no time: it ends at once' },
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
  { value: '2592000', label: '30 days' },
];

export const LIFETIMES = [
  { value: '2592000', label: '30 days' },
  { value: '7776000', label: '90 days' },
  { value: '31536000', label: '1 year' },
  { value: '', label: 'no end' },
];

/** When something ends that begins now; null for what has no end. */
export function endsAt(seconds: string, now: number): string | null {
  return seconds === '' ? null : new Date(now + Number(seconds) * 1000).toISOString();
}
