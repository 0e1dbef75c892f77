// What the keys do on a chart that has the focus. Pure.

export type ChartAction =
  /** Moves the crosshair by points; selecting takes the stretch along. */
  | { type: 'move'; points: number; selecting: boolean }
  | { type: 'edge'; end: 'first' | 'last'; selecting: boolean }
  | { type: 'event'; direction: 1 | -1 }
  /** Zooms to what is selected, else goes to the event below the crosshair. */
  | { type: 'enter' }
  | { type: 'clear' }
  | { type: 'zoom'; factor: number }
  | { type: 'pan'; share: number }
  | { type: 'reset' };

type Pressed = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>;

const FAR = 10;
const HALF = 0.5;

/** How the keys are explained where a chart has the focus, and on the sheet of keys. */
export const CHART_KEYS: readonly { keys: readonly string[]; what: string }[] = [
  { keys: ['←', '→'], what: 'Move the crosshair of the charts' },
  { keys: ['Shift', '←', '→'], what: 'Select a stretch of a chart' },
  { keys: ['Enter'], what: 'Zoom to the stretch, or go to the event' },
  { keys: ['PgUp', 'PgDn'], what: 'Previous and next event on a chart' },
  { keys: ['+', '−', '0'], what: 'Zoom in, zoom out, zoom back' },
  { keys: ['[', ']'], what: 'Earlier and later' },
];

export function chartAction({ key, shiftKey, ctrlKey, altKey, metaKey }: Pressed): ChartAction | null {
  if (ctrlKey || altKey || metaKey) return null;
  switch (key) {
    case 'ArrowLeft':
      return { type: 'move', points: -1, selecting: shiftKey };
    case 'ArrowRight':
      return { type: 'move', points: 1, selecting: shiftKey };
    case 'ArrowDown':
      return { type: 'move', points: -FAR, selecting: shiftKey };
    case 'ArrowUp':
      return { type: 'move', points: FAR, selecting: shiftKey };
    case 'Home':
      return { type: 'edge', end: 'first', selecting: shiftKey };
    case 'End':
      return { type: 'edge', end: 'last', selecting: shiftKey };
    case 'PageUp':
      return { type: 'event', direction: -1 };
    case 'PageDown':
      return { type: 'event', direction: 1 };
    case 'Enter':
      return { type: 'enter' };
    case 'Escape':
      return { type: 'clear' };
    case '+':
    case '=':
      return { type: 'zoom', factor: HALF };
    case '-':
      return { type: 'zoom', factor: 1 / HALF };
    case '[':
      return { type: 'pan', share: -HALF };
    case ']':
      return { type: 'pan', share: HALF };
    case '0':
      return { type: 'reset' };
    default:
      return null;
  }
}

/** The index reached from `index`, within a column of `length`; the newest point where there is none yet. */
export function movedIndex(index: number | null, points: number, length: number): number {
  return index === null ? length - 1 : Math.max(0, Math.min(length - 1, index + points));
}
