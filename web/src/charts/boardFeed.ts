// Hands each chart of a board its own history, so that a sweep renders the charts on the screen and nothing else.
import type { ResourceId } from '~/api/types';
import type { ChartHistory } from './shape';

type Histories = ReadonlyMap<ResourceId, ChartHistory>;

export class BoardFeed {
  private histories: Histories = new Map();
  private readonly listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  publish(histories: Histories) {
    this.histories = histories;
    for (const listener of this.listeners) listener();
  }

  /** Looks for a chart: the newest history while it is on the screen, else the one that it saw last. */
  viewOf(id: ResourceId): (onScreen: boolean) => ChartHistory | undefined {
    let seen: ChartHistory | undefined;
    return onScreen => {
      if (onScreen) seen = this.histories.get(id);
      return seen;
    };
  }
}
