import { expect, it } from 'vitest';
import { charted } from './charted';

it('charts what is measured or may be again, and not what there cannot be', () => {
  const metrics = {
    memory: { state: 'known' as const, value: 1, at: 0 },
    cpu: { state: 'unknown' as const, reason: 'no_baseline' as const },
    temperature: { state: 'unknown' as const, reason: 'not_supported' as const },
  };
  expect(charted({ lastSeen: null, metrics })).toEqual(['cpu', 'memory']);
});
