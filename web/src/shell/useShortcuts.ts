// The keys that work on every page.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef } from 'react';
import { PAGES } from './pages';

/** `g` and the letter of a page must follow each other this closely. */
const SEQUENCE_MS = 1200;

type Actions = { onSearch: () => void; onShowKeys: () => void };

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export function useShortcuts({ onSearch, onShowKeys }: Actions) {
  const navigate = useNavigate();
  const goPressedAt = useRef(Number.NEGATIVE_INFINITY);

  const jump = (event: KeyboardEvent): boolean => {
    const inSequence = event.timeStamp - goPressedAt.current < SEQUENCE_MS;
    goPressedAt.current = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
    const page = inSequence ? PAGES.find(({ key }) => key === event.key) : undefined;
    if (page) void navigate({ to: page.path });
    return page !== undefined;
  };

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const command = event.ctrlKey || event.metaKey;
    const opensPalette = command && event.key.toLowerCase() === 'k';
    if (!opensPalette && (command || event.altKey || isTyping(event.target))) return;
    const handled = jump(event);
    if (opensPalette || event.key === '/') onSearch();
    else if (event.key === '?') onShowKeys();
    else if (!handled) return;
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
