// Keeps the store current: reads the state once, follows `/ws` from there, resumes after a break, and falls back to
// asking every few seconds where websockets do not get through. Knows nothing of React and reads no clock of its own.
import type { ResourceId, ServerFrame, State } from '~/api/types';
import { backoff } from './backoff';
import { Interest } from './interest';
import type { LiveStore } from './store';

/** The part of a websocket that is used. */
export type Socket = {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
};

/** What the connection needs from outside. */
export type Outside = {
  /** Opens `/ws`; with a revision, asks to go on from there. */
  openSocket(since: number | null): Socket;
  /** Reads `/api/state`. */
  readState(): Promise<State>;
  /** Runs something later; the answer calls it off. */
  later(milliseconds: number, action: () => void): () => void;
  /** Epoch milliseconds. */
  now(): number;
  /** In [0, 1). */
  random(): number;
};

/** After so many failed attempts in a row the state is asked for instead. */
const ATTEMPTS_BEFORE_POLLING = 3;
/** A sweep comes every 10 s; after four silent ones the connection counts as dead. */
const SILENCE_MS = 45_000;
/** Scrolling must not send a subscription for each row that passes. */
const SUBSCRIBE_AFTER_MS = 150;

export class LiveConnection {
  private socket: Socket | null = null;
  private attempt = 0;
  private lostAt: number | null = null;
  private resume = true;
  private running = false;
  private cancelRetry: () => void = () => undefined;
  private cancelSilence: () => void = () => undefined;
  private cancelSubscribe: () => void = () => undefined;
  private readonly interest = new Interest();

  constructor(
    private readonly store: LiveStore,
    private readonly outside: Outside,
  ) {}

  /** Begins, or goes on after a pause. Does nothing while it runs. */
  start() {
    if (this.running) return;
    this.running = true;
    this.attempt = 0;
    this.lostAt = null;
    this.store.setStatus({ phase: 'connecting' });
    void this.connect();
  }

  /** Ends and forgets what was known. */
  stop() {
    this.halt();
    this.store.clear();
  }

  /** Stops following; what is on the screen stays. */
  pause() {
    this.halt();
    this.store.setStatus({ phase: 'paused', since: this.outside.now() });
  }

  /** Tries again at once, as when the network has come back. */
  retryNow() {
    if (!this.running || this.lostAt === null) return;
    this.cancelRetry();
    void this.connect();
  }

  /** Asks for the readings of these resources until the answer is called. */
  watch(ids: readonly ResourceId[]): () => void {
    const forget = this.interest.add(ids);
    this.subscribeSoon();
    return () => {
      forget();
      this.subscribeSoon();
    };
  }

  private async connect() {
    if (this.store.getEstate() === null && !(await this.readState())) {
      if (this.running) this.lost();
      return;
    }
    if (!this.running) return;
    this.open();
  }

  private open() {
    const since = this.resume ? (this.store.getEstate()?.revision ?? null) : null;
    const socket = this.outside.openSocket(since);
    this.socket = socket;
    socket.onopen = () => {
      this.opened();
    };
    socket.onmessage = event => {
      this.received(event.data);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  private opened() {
    this.attempt = 0;
    this.lostAt = null;
    this.resume = true;
    this.store.setStatus({ phase: 'live', since: this.outside.now() });
    this.subscribe();
    this.expectFrames();
  }

  private received(data: unknown) {
    if (typeof data !== 'string') return;
    this.expectFrames();
    const before = this.store.getEstate()?.resources.size;
    // The server and this application are built from one contract, so that the frame is what it says it is.
    if (!this.store.apply(JSON.parse(data) as ServerFrame)) {
      this.startOver();
      return;
    }
    if (this.store.getEstate()?.resources.size !== before) this.subscribeSoon();
  }

  /** The estate no longer continues what came: the next connection asks for everything. */
  private startOver() {
    this.resume = false;
    this.drop();
    this.open();
  }

  private lost() {
    this.drop();
    this.attempt += 1;
    this.lostAt ??= this.outside.now();
    const wait = backoff(this.attempt, this.outside.random());
    const polling = this.store.getStatus().phase === 'polling';
    if (!polling) this.reconnecting(wait);
    this.cancelRetry = this.outside.later(wait, () => void this.connect());
    if (this.attempt >= ATTEMPTS_BEFORE_POLLING) void this.poll(wait);
  }

  /** Asks for the state where the websocket does not get through, and says so. */
  private async poll(wait: number) {
    const since = this.lostAt;
    const answered = await this.readState();
    if (!this.running || since === null || this.lostAt !== since) return;
    if (answered) this.store.setStatus({ phase: 'polling', since });
    else this.reconnecting(wait);
  }

  private reconnecting(wait: number) {
    const now = this.outside.now();
    const since = this.lostAt ?? now;
    this.store.setStatus({ phase: 'reconnecting', since, attempt: this.attempt, retryAt: now + wait });
  }

  private async readState(): Promise<boolean> {
    try {
      const state = await this.outside.readState();
      if (this.running) this.store.adopt(state);
      return true;
    } catch {
      return false; // The status says since when; the view says what to do.
    }
  }

  private expectFrames() {
    this.cancelSilence();
    this.cancelSilence = this.outside.later(SILENCE_MS, () => {
      const expected = (this.store.getEstate()?.resources.size ?? 0) > 0;
      if (expected) this.lost();
    });
  }

  private subscribeSoon() {
    this.cancelSubscribe();
    this.cancelSubscribe = this.outside.later(SUBSCRIBE_AFTER_MS, () => {
      this.subscribe();
    });
  }

  private subscribe() {
    if (this.store.getStatus().phase !== 'live') return;
    const frame = this.interest.frame(this.store.getEstate()?.resources.size ?? 0);
    this.socket?.send(JSON.stringify(frame));
  }

  private halt() {
    this.running = false;
    this.cancelRetry();
    this.drop();
  }

  private drop() {
    const socket = this.socket;
    this.socket = null;
    this.cancelSilence();
    socket?.close();
  }
}
