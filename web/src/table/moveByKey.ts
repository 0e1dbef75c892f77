// Keys in the table: up and down (or k and j) move from row to row, left and right close and open one.
import type { KeyboardEvent } from 'react';
import type { ModelRow } from './order';

const STEP: Partial<Record<string, 1 | -1>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
const OPENS: Partial<Record<string, boolean>> = { ArrowRight: true, ArrowLeft: false };

export function moveByKey(
  event: KeyboardEvent<HTMLElement>,
  rows: readonly ModelRow[],
  onToggle: (id: string, open: boolean) => void,
) {
  const step = STEP[event.key];
  const opens = OPENS[event.key];
  const current = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null;
  if (step !== undefined) focusRow(event.currentTarget, current, step);
  else if (opens !== undefined && current) toggle(rows, current.dataset.row, opens, onToggle);
  else return;
  event.preventDefault();
}

function focusRow(table: HTMLElement, current: HTMLElement | null, step: 1 | -1) {
  const all = [...table.querySelectorAll<HTMLElement>('[data-row]')];
  const next = all[current ? all.indexOf(current) + step : 0];
  const link = next?.querySelector<HTMLElement>('[data-row-link]');
  link?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
}

function toggle(
  rows: readonly ModelRow[],
  id: string | undefined,
  opens: boolean,
  onToggle: (id: string, open: boolean) => void,
) {
  const row = rows.find(candidate => candidate.id === id);
  if (row && row.original.children.length > 0 && row.open !== opens) onToggle(row.id, opens);
}
