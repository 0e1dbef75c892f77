import { expect, it, vi } from 'vitest';
import { Crosshair, type Follower } from './crosshair';
import type { Plot } from './plot';
import { listenToPointer } from './pointer';

it('a drag zooms to its stretch, and leaves the crosshair where it ended', () => {
  const { crosshair, onZoom, point } = pointed();
  drag(point);
  expect(crosshair.selection).toEqual({ from: 10, to: 50 });
  point('pointerup', 50);
  point('lostpointercapture', 50);
  expect(onZoom).toHaveBeenCalledExactlyOnceWith(10, 50);
  expect([crosshair.selection, crosshair.time]).toEqual([null, 50]);
});

it('a drag ends without a zoom where its plot loses the pointer', () => {
  const { crosshair, onZoom, point } = pointed();
  drag(point);
  point('lostpointercapture', 50);
  expect([crosshair.selection, crosshair.time]).toEqual([null, null]);
  point('pointermove', 90);
  point('pointerup', 90);
  expect([crosshair.selection, crosshair.time]).toEqual([null, 90]);
  expect(onZoom).not.toHaveBeenCalled();
});

type Point = ReturnType<typeof pointed>['point'];

function drag(point: Point) {
  point('pointerdown', 10);
  point('pointermove', 50);
}

/** A plot on which a pixel is a millisecond, and what is done to it with a mouse. */
function pointed() {
  const over = document.createElement('div');
  over.setPointerCapture = () => undefined;
  const onZoom = vi.fn();
  const follower: Follower = { showTime: () => undefined, showSelection: () => undefined };
  const actions = { onZoom, onReset: () => undefined, onPress: () => undefined };
  const plot = { ...follower, chart: { over }, actions, timeAt: (left: number) => left };
  const crosshair = new Crosshair(show => {
    show();
  });
  listenToPointer(plot as unknown as Plot, crosshair); // What of a plot the pointer has to do with.
  const point = (type: string, clientX: number) =>
    over.dispatchEvent(new PointerEvent(type, { clientX, pointerType: 'mouse', button: 0 }));
  return { crosshair, onZoom, point };
}
