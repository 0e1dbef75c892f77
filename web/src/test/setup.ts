// What jsdom lacks and the components need.
import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// Pages come in parts that are asked for when they are needed; on a machine with other work that takes its time.
configure({ asyncUtilTimeout: 30_000 });

afterEach(cleanup);

class NoResizing implements ResizeObserver {
  observe = () => undefined;
  unobserve = () => undefined;
  disconnect = () => undefined;
}

/** Says nothing, so that nothing counts as on the screen. */
class NoSight implements IntersectionObserver {
  root = null;
  rootMargin = '';
  scrollMargin = '';
  thresholds = [];
  observe = () => undefined;
  unobserve = () => undefined;
  disconnect = () => undefined;
  takeRecords = () => [];
}

window.ResizeObserver = NoResizing;
window.IntersectionObserver = NoSight;
window.matchMedia = (query: string) =>
  ({
    matches: false,
    media: query,
    onchange: null,
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
    dispatchEvent: () => false,
  }) as unknown as MediaQueryList; // Without the two deprecated methods, which nobody calls.
Element.prototype.scrollIntoView = () => undefined;
