// The keys that work on every page.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { Page } from './pages';

/** `g` and the letter of a page must follow each other this closely. */
const SEQUENCE_MS = 1200;

type Actions = { pages: readonly Page[]; onSearch: () => void; onShowKeys: () => void; onShowPreferences: () => void };

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** From anywhere into the table of the page, if it has one; from there its own keys go on. */
function enterTable(): boolean {
  const first = document.querySelector<HTMLElement>('[data-row] [data-row-link]');
  first?.focus();
  return first !== null;
}

export function useShortcuts({ pages, onSearch, onShowKeys, onShowPreferences }: Actions) {
  const navigate = useNavigate();
  const goPressedAt = useRef(Number.NEGATIVE_INFINITY);

  const jump = (event: KeyboardEvent): boolean => {
    const inSequence = event.timeStamp - goPressedAt.current < SEQUENCE_MS;
    goPressedAt.current = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
    const page = inSequence ? pages.find(({ key }) => key === event.key) : undefined;
    if (page) void navigate({ to: page.path });
    return page !== undefined;
  };

  const act = (key: string): boolean => {
    switch (key) {
      case '/':
        onSearch();
        return true;
      case '?':
        onShowKeys();
        return true;
      case ',':
        onShowPreferences();
        return true;
      case 'j':
      case 'k':
        return enterTable();
      default:
        return false;
    }
  };

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const command = event.ctrlKey || event.metaKey;
    const opensPalette = command && event.key.toLowerCase() === 'k';
    if (opensPalette) onSearch();
    else if (command || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
    else if (!jump(event) && !act(event.key)) return;
    event.preventDefault();
  });

  // An effect, because keys are for the whole document.
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
    };
  }, []);
}
