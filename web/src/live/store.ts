// Holds the newest estate and connection status for the components, which subscribe to the parts that they show.
import type { ServerFrame, State } from '~/api/types';
import { applyFrame, fromState, type Estate } from './estate';
import type { LiveStatus } from './status';

export class LiveStore {
  private estate: Estate | null = null;
  private status: LiveStatus = { phase: 'connecting' };
  private readonly listeners = new Set<() => void>();

  getEstate = (): Estate | null => this.estate;
  getStatus = (): LiveStatus => this.status;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Applies a frame; false when the state must be read anew. */
  apply(frame: ServerFrame): boolean {
    const applied = applyFrame(this.estate, frame);
    switch (applied.outcome) {
      case 'applied':
        this.setEstate(applied.estate);
        return true;
      case 'gap':
        return false;
    }
  }

  /** Takes over the answer of `/api/state`, unless something newer is here already. */
  adopt(state: Pick<State, 'revision' | 'resources'>) {
    if (this.estate !== null && state.revision < this.estate.revision) return;
    this.setEstate(fromState(this.estate, state.revision, state.resources));
  }

  setStatus(status: LiveStatus) {
    this.status = status;
    this.notify();
  }

  /** Forgets everything, as after signing out. */
  clear() {
    this.estate = null;
    this.setStatus({ phase: 'connecting' });
  }

  private setEstate(estate: Estate) {
    if (estate === this.estate) return;
    this.estate = estate;
    this.notify();
  }

  private notify() {
    for (const listener of this.listeners) listener();
  }
}
