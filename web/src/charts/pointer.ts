// What mouse, pen and finger do on a plot. A mouse moves the crosshair and drags a stretch to zoom to; a finger moves the
// crosshair and leaves it where it was lifted, so that the values can be read.
import type { Crosshair } from './crosshair';
import type { Plot } from './plot';

export type PlotActions = {
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  /** A press: the keys go to this chart from now on. */
  onPress: () => void;
};

/** A drag shorter than this, in pixels, is a click. */
const SHORTEST_DRAG = 6;

/** Follows the pointer over the plot until the plot is destroyed with its element. */
export function listenToPointer(plot: Plot, crosshair: Crosshair) {
  const { over } = plot.chart;
  let pressedAt: number | null = null;
  const leftOf = (event: PointerEvent) => event.clientX - over.getBoundingClientRect().left;

  over.addEventListener('pointerdown', event => {
    crosshair.moveTo(plot.timeAt(leftOf(event)), plot);
    plot.actions.onPress();
    if (event.pointerType === 'touch' || event.button !== 0) return;
    pressedAt = leftOf(event);
    over.setPointerCapture(event.pointerId);
  });

  over.addEventListener('pointermove', event => {
    const left = leftOf(event);
    crosshair.moveTo(plot.timeAt(left), plot);
    if (pressedAt !== null && Math.abs(left - pressedAt) >= SHORTEST_DRAG) {
      crosshair.select(plot.timeAt(pressedAt), plot.timeAt(left));
    }
  });

  over.addEventListener('pointerup', () => {
    // Escape may have dropped what was selected.
    const { selection } = crosshair;
    if (pressedAt === null) return;
    pressedAt = null;
    crosshair.dropSelection();
    if (selection !== null) plot.actions.onZoom(selection.from, selection.to);
  });

  over.addEventListener('pointercancel', () => {
    pressedAt = null;
    crosshair.clear();
  });

  // A plot that goes to another chart loses the pointer in the middle of a drag; after one that has ended, nothing is left.
  over.addEventListener('lostpointercapture', () => {
    if (pressedAt === null) return;
    pressedAt = null;
    crosshair.clear();
  });

  over.addEventListener('pointerleave', event => {
    if (event.pointerType !== 'touch' && pressedAt === null) crosshair.clear();
  });

  // Keeps the focus where the press has put it, and the words of the page from being selected by a drag.
  over.addEventListener('mousedown', event => {
    event.preventDefault();
  });

  over.addEventListener('dblclick', () => {
    plot.actions.onReset();
  });
}
