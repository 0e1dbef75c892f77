// The one crosshair of all charts on a page: a time, the chart that it is moved on, and a stretch that is being chosen.
// Kept out of React, because it follows the pointer at every frame.
import type { Bounds } from './window';

/** A chart as the crosshair sees it. Only charts on the screen follow. */
export type Follower = {
  /** Shows a time in epoch milliseconds, or none. The chart that leads is the one that is pointed at. */
  showTime: (time: number | null, leads: boolean) => void;
  showSelection: (selection: Bounds | null) => void;
};

type State = { time: number | null; leader: Follower | null; selection: Bounds | null };

const NOWHERE: State = { time: null, leader: null, selection: null };

export class Crosshair {
  private state = NOWHERE;
  private readonly followers = new Set<Follower>();
  private scheduled = false;

  /** Shows at most once in a frame, however often it is moved. */
  constructor(private readonly nextFrame: (show: () => void) => void) {}

  follow(follower: Follower): () => void {
    this.followers.add(follower);
    this.showOn(follower);
    return () => {
      this.followers.delete(follower);
      if (this.state.leader === follower) this.clear();
    };
  }

  get time(): number | null {
    return this.state.time;
  }

  get selection(): Bounds | null {
    return this.state.selection;
  }

  moveTo(time: number, leader: Follower) {
    this.change({ ...this.state, time, leader });
  }

  /** Chooses the stretch between two times, whichever comes first. */
  select(one: number, other: number) {
    this.change({ ...this.state, selection: { from: Math.min(one, other), to: Math.max(one, other) } });
  }

  dropSelection() {
    if (this.state.selection !== null) this.change({ ...this.state, selection: null });
  }

  clear() {
    if (this.state !== NOWHERE) this.change(NOWHERE);
  }

  /** Shows a chart again where things are, after its scale has changed. */
  showOn(follower: Follower) {
    const { time, leader, selection } = this.state;
    follower.showTime(time, leader === follower);
    follower.showSelection(selection);
  }

  private change(state: State) {
    this.state = state;
    if (this.scheduled) return;
    this.scheduled = true;
    this.nextFrame(() => {
      this.scheduled = false;
      for (const follower of this.followers) this.showOn(follower);
    });
  }
}
