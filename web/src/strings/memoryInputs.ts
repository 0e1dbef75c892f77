// What people read for the amounts from which a memory is chosen. Exhaustive: a new amount does not compile without
// its label.
import type { GuestMemoryInputs, NodeMemoryInputs } from '~/api/types';

export type Amounts<Inputs> = readonly { of: string; name: string; bytes: number | null; key: keyof Inputs }[];

type Label = readonly [of: string, name: string];

const STATUS = 'The status';
const LISTING = 'The list of resources';
const HISTORY = "The platform's history";
const KERNEL = 'The kernel inside';
const NODES = 'The list of nodes';

const GUEST: Record<Exclude<keyof GuestMemoryInputs, 'agent'>, Label> = {
  listingMem: [LISTING, 'in use'],
  listingMaxmem: [LISTING, 'all of it'],
  statusMem: [STATUS, 'in use'],
  statusFreemem: [STATUS, 'free'],
  statusMaxmem: [STATUS, 'all of it'],
  balloon: [STATUS, 'left by the balloon'],
  balloonMin: [STATUS, 'left by the balloon at least'],
  meminfoUsed: [KERNEL, 'in use'],
  meminfoFree: [KERNEL, 'free'],
  meminfoTotal: [KERNEL, 'all of it'],
  meminfoAvailable: [KERNEL, 'available'],
  meminfoBuffers: [KERNEL, 'buffers'],
  meminfoCached: [KERNEL, 'page cache'],
  meminfoShared: [KERNEL, 'shared'],
  meminfoTotalMinusUsed: [KERNEL, 'left of the total'],
  rrdAvailable: [HISTORY, 'available'],
  rrdUsed: [HISTORY, 'in use'],
  guestAgentMemAvailable: [KERNEL, 'available, asked through the agent'],
};

const NODE: Record<keyof NodeMemoryInputs, Label> = {
  total: [STATUS, 'all of it'],
  used: [STATUS, 'in use'],
  free: [STATUS, 'free'],
  available: [STATUS, 'available'],
  avail: [STATUS, 'available, by another name'],
  buffers: [STATUS, 'buffers'],
  cached: [STATUS, 'page cache'],
  shared: [STATUS, 'shared between guests'],
  effectiveAvailable: [STATUS, 'what the choice takes for available'],
  rrdAvailable: [HISTORY, 'available'],
  rrdUsed: [HISTORY, 'in use'],
  totalMinusUsed: [STATUS, 'left of the total'],
  fallbackTotal: [NODES, 'all of it'],
  fallbackUsed: [NODES, 'in use'],
  fallbackFree: [NODES, 'free'],
};

export function guestAmounts(inputs: GuestMemoryInputs): Amounts<GuestMemoryInputs> {
  return Object.entries(GUEST).map(([key, [of, name]]) => {
    const amount = key as keyof typeof GUEST; // The keys of the record itself.
    return { of, name, bytes: inputs[amount], key: amount };
  });
}

export function nodeAmounts(inputs: NodeMemoryInputs): Amounts<NodeMemoryInputs> {
  return Object.entries(NODE).map(([key, [of, name]]) => {
    const amount = key as keyof NodeMemoryInputs; // The keys of the record itself.
    return { of, name, bytes: inputs[amount], key: amount };
  });
}
