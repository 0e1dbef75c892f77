// Follows the links of the table for all of its rows: a link component in each costs more than the rest of the row.
import type { MouseEvent } from 'react';
import type { ResourceId } from '~/api/types';

/** What a link of a row needs to be followed, and to be opened in a new tab without us. */
export function rowLink(id: ResourceId) {
  return { href: `/resources/${id}`, 'data-row-link': id };
}

/** Opens what was clicked within the application, unless the click asks the browser for something else. */
export function followRowLink(event: MouseEvent, open: (id: ResourceId) => void) {
  const link = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row-link]') : null;
  const id = link?.dataset.rowLink;
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (id === undefined || !isPlain || event.defaultPrevented) return;
  event.preventDefault();
  open(id);
}
