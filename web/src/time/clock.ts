// The browser's clock, corrected to the server's, as a source that components can subscribe to.
const TICK_MS = 1000;
/** The `Date` header knows whole seconds and travels a while, so that smaller differences mean nothing. */
const TOLERANCE_MS = 2500;

export class TickingClock {
  private offset = 0;
  private current: number;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly read: () => number) {
    this.current = read();
  }

  /** Epoch milliseconds by the server's clock, as of the last tick. */
  now = (): number => {
    if (this.listeners.size === 0) this.current = this.read() + this.offset;
    return this.current;
  };

  /** Learns from a `Date` header how far the browser's clock is off. */
  correct(serverDate: string | null) {
    const difference = serverDate === null ? Number.NaN : Date.parse(serverDate) - this.read();
    if (Number.isNaN(difference)) return;
    this.offset = Math.abs(difference) > TOLERANCE_MS ? difference : 0;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    this.timer ??= setInterval(this.tick, TICK_MS);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  };

  private readonly tick = () => {
    this.current = this.read() + this.offset;
    for (const listener of this.listeners) listener();
  };
}

export const clock = new TickingClock(() => Date.now());
