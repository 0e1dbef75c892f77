import { describe, expect, it } from 'vitest';
import { Crosshair, type Follower } from './crosshair';

describe('the crosshair of a page', () => {
  it('shows the same time on every chart, and which of them leads', () => {
    const { crosshair, frame } = given();
    const [one, two] = [chart(), chart()];
    crosshair.follow(one);
    crosshair.follow(two);
    crosshair.moveTo(5000, one);
    frame();
    expect(one.shown).toEqual([5000, true]);
    expect(two.shown).toEqual([5000, false]);
  });

  it('shows once in a frame, however often it is moved', () => {
    const { crosshair, frame } = given();
    const one = chart();
    crosshair.follow(one);
    const before = one.times;
    for (let time = 0; time < 20; time += 1) crosshair.moveTo(time, one);
    frame();
    expect(one.times - before).toBe(1);
    expect(one.shown).toEqual([19, true]);
  });

  it('is there at once for a chart that comes onto the screen, and gone with the chart that led', () => {
    const { crosshair, frame } = given();
    const [one, late] = [chart(), chart()];
    const leave = crosshair.follow(one);
    crosshair.moveTo(5000, one);
    frame();
    crosshair.follow(late);
    expect(late.shown).toEqual([5000, false]);
    leave();
    frame();
    expect(late.shown).toEqual([null, false]);
  });

  it('chooses a stretch in either direction', () => {
    const { crosshair } = given();
    crosshair.select(30, 10);
    expect(crosshair.selection).toEqual({ from: 10, to: 30 });
    crosshair.dropSelection();
    expect(crosshair.selection).toBeNull();
  });
});

function given() {
  const waiting: (() => void)[] = [];
  const crosshair = new Crosshair(show => waiting.push(show));
  return {
    crosshair,
    frame: () => {
      for (const show of waiting.splice(0)) show();
    },
  };
}

function chart(): Follower & { shown: [number | null, boolean]; times: number } {
  const seen = { shown: [null, false] as [number | null, boolean], times: 0 };
  return Object.assign(seen, {
    showTime: (time: number | null, leads: boolean) => {
      seen.shown = [time, leads];
      seen.times += 1;
    },
    showSelection: () => undefined,
  });
}
