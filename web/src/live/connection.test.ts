import { beforeEach, describe, expect, it } from 'vitest';
import type { ServerFrame, State } from '~/api/types';
import { aResource } from '~/test/resources';
import { backoff } from './backoff';
import { LiveConnection, type Socket } from './connection';
import { LiveStore } from './store';

const a = aResource({ id: 'agent-a' });

describe('the live connection', () => {
  let world: World;
  let store: LiveStore;
  let connection: LiveConnection;

  beforeEach(() => {
    world = new World();
    store = new LiveStore();
    connection = new LiveConnection(store, world);
  });

  const start = async () => {
    connection.start();
    await settle();
    world.socket().onopen?.();
  };

  it('reads the state once and follows from its revision', async () => {
    await start();
    expect(world.opened.map(({ since }) => since)).toEqual([5]);
    expect(store.getEstate()?.resources.size).toBe(1);
    expect(store.getStatus().phase).toBe('live');
  });

  it('subscribes to everybody in a small estate', async () => {
    await start();
    expect(world.sent()).toEqual([{ type: 'subscribe', all: true, resources: [] }]);
  });

  it('subscribes to what is watched in a large one, once scrolling has settled', async () => {
    world.state.resources = Array.from({ length: 1001 }, (_, index) => aResource({ id: `agent-${index}` }));
    await start();
    const forget = connection.watch(['agent-1', 'agent-2']);
    connection.watch(['agent-3']);
    forget();
    world.pass(150);
    expect(world.sent().at(-1)).toEqual({ type: 'subscribe', all: false, resources: ['agent-3'] });
  });

  it('reconnects after a break and resumes where it was', async () => {
    await start();
    world.receive({ type: 'delta', from: 5, to: 6, upserts: [], removes: [] });
    world.socket().onclose?.();
    expect(store.getStatus()).toMatchObject({ phase: 'reconnecting', attempt: 1, since: world.now() });
    world.pass(500);
    await settle();
    world.socket().onopen?.();
    expect(world.opened.map(({ since }) => since)).toEqual([5, 6]);
    expect(store.getStatus().phase).toBe('live');
  });

  it('asks for everything after a delta that does not continue', async () => {
    await start();
    world.receive({ type: 'delta', from: 8, to: 9, upserts: [], removes: [] });
    expect(world.opened.map(({ since }) => since)).toEqual([5, null]);
  });

  it('tells since when it is cut off, however often it tries', async () => {
    await start();
    const lost = world.now();
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      world.socket().onclose?.();
      world.pass(backoff(attempt, 0));
      await settle();
    }
    expect(store.getStatus()).toMatchObject({ phase: 'reconnecting', since: lost, attempt: 2 });
  });

  it('falls back to asking for the state, and says so, where the websocket does not get through', async () => {
    await start();
    world.state = { ...world.state, revision: 8, resources: [a, aResource({ id: 'agent-b' })] };
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      world.socket().onclose?.();
      await settle();
      if (attempt < 3) world.pass(backoff(attempt, 0));
      await settle();
    }
    expect(store.getStatus().phase).toBe('polling');
    expect(store.getEstate()?.resources.size).toBe(2);
  });

  it('counts a connection that has gone quiet as lost', async () => {
    await start();
    world.pass(44_000);
    expect(store.getStatus().phase).toBe('live');
    world.pass(2000);
    expect(store.getStatus().phase).toBe('reconnecting');
  });

  it('pauses and goes on with what it missed', async () => {
    await start();
    connection.pause();
    expect(store.getStatus().phase).toBe('paused');
    world.pass(60_000);
    expect(world.opened).toHaveLength(1);
    connection.start();
    await settle();
    expect(world.opened.map(({ since }) => since)).toEqual([5, 5]);
  });

  it('forgets everything when it is stopped', async () => {
    await start();
    connection.stop();
    expect(store.getEstate()).toBeNull();
  });

  it('tries again while not even the first state is to be had', async () => {
    world.fails = true;
    connection.start();
    await settle();
    expect(store.getStatus().phase).toBe('reconnecting');
    world.fails = false;
    world.pass(500);
    await settle();
    expect(store.getEstate()?.revision).toBe(5);
  });
});

describe('backoff', () => {
  it('doubles up to half a minute and spreads over the upper half', () => {
    expect([1, 2, 3, 20].map(attempt => backoff(attempt, 0))).toEqual([250, 500, 1000, 15_000]);
    expect(backoff(20, 0.999)).toBeLessThanOrEqual(30_000);
  });
});

type Opened = Socket & { since: number | null; sent: string[] };

/** A world with a clock of its own, in which nothing happens by itself. */
class World {
  state: State = {
    revision: 5,
    lastUpdate: null,
    summary: { total: 1, byKind: {}, byStatus: {}, systems: 1, sources: 1, sourcesNotCurrent: 0 },
    resources: [a],
    activeAlerts: [],
    recentlyResolved: [],
    connectedInfrastructure: [],
  };
  fails = false;
  opened: Opened[] = [];
  private time = 1_000_000;
  private timers: { at: number; action: () => void }[] = [];

  now = () => this.time;
  random = () => 0;
  readState = () => (this.fails ? Promise.reject(new Error('no answer')) : Promise.resolve(this.state));

  openSocket = (since: number | null): Socket => {
    const sent: string[] = [];
    const socket: Opened = {
      since,
      sent,
      onopen: null,
      onmessage: null,
      onclose: null,
      send: text => {
        sent.push(text);
      },
      close: () => undefined,
    };
    this.opened.push(socket);
    return socket;
  };

  later = (milliseconds: number, action: () => void) => {
    const timer = { at: this.time + milliseconds, action };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter(other => other !== timer);
    };
  };

  pass(milliseconds: number) {
    this.time += milliseconds;
    const due = this.timers.filter(({ at }) => at <= this.time);
    this.timers = this.timers.filter(({ at }) => at > this.time);
    for (const { action } of due) action();
  }

  socket(): Opened {
    const last = this.opened.at(-1);
    if (!last) throw new Error('no socket was opened');
    return last;
  }

  sent(): unknown[] {
    return this.opened.flatMap(({ sent }) => sent).map(text => JSON.parse(text) as unknown);
  }

  receive(frame: ServerFrame) {
    this.socket().onmessage?.({ data: JSON.stringify(frame) });
  }
}

/** Lets promises that are settled already take effect. */
async function settle() {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}
