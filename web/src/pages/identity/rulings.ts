// What a ruling says, and what happens without it, in words. Pure.
import type { ResourceId, Ruling } from '~/api/types';

export const VERDICT: Record<Ruling['verdict'], { between: string; without: string }> = {
  same: {
    between: 'is the same as',
    without:
      'They are two again, each with its id, and a ruling keeps them apart. What was measured while they were one stays with the one whose id stayed.',
  },
  distinct: {
    between: 'is not',
    without: 'Evidence may join them again where it is certain, or put the pair back on the list.',
  },
  inside: {
    between: 'is the system inside',
    without: 'Evidence alone says again what runs inside what.',
  },
};

/** The two that it is about, in the order of the sentence. */
export function sidesOf(ruling: Ruling): [ResourceId, ResourceId] {
  switch (ruling.verdict) {
    case 'same':
      return [ruling.absorbed, ruling.survivor];
    case 'distinct':
      return [ruling.first, ruling.second];
    case 'inside':
      return [ruling.host, ruling.guest];
  }
}

/** Of one of the two. */
export const RULED: Record<Ruling['verdict'], string> = {
  same: 'Joined with another',
  distinct: 'Set apart from another',
  inside: 'One is the system inside the other',
};
