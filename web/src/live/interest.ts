// Whose readings the screen needs: the union of what its parts watch.
import type { ClientFrame, ResourceId } from '~/api/types';

/** Up to so many resources, everybody's readings cost less than keeping track of what is in view. */
const ALL_UP_TO = 1000;
/** The server takes no more in one subscription. */
const MOST = 1000;

export class Interest {
  private readonly watched = new Map<symbol, readonly ResourceId[]>();

  /** Adds what one part of the screen shows; the answer takes it back. */
  add(ids: readonly ResourceId[]): () => void {
    const key = Symbol('watch');
    this.watched.set(key, ids);
    return () => this.watched.delete(key);
  }

  /** What to tell the server, given how many resources there are. */
  frame(resources: number): ClientFrame {
    if (resources <= ALL_UP_TO) return { type: 'subscribe', all: true, resources: [] };
    const ids = new Set([...this.watched.values()].flat());
    return { type: 'subscribe', all: false, resources: [...ids].slice(0, MOST) };
  }
}
