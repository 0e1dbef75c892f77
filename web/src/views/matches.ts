// Which saved view a page shows, if any. Pure.
import type { SavedView, ViewPage } from '~/api/types';
import { parseSearch, stringifySearch } from '~/searchParams';

/** The state of a page as a view holds it: without the question mark, the parameters in the order of their names. */
export function viewQueryOf(search: Record<string, unknown>): string {
  const sorted = Object.entries(search).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return stringifySearch(Object.fromEntries(sorted)).replace(/^\?/, '');
}

/** The view that is on the screen: one's own before another's. */
export function shownView(
  views: readonly SavedView[],
  page: ViewPage,
  search: Record<string, unknown>,
): SavedView | undefined {
  const query = viewQueryOf(search);
  const same = views.filter(view => view.page === page && viewQueryOf(parseSearch(view.query)) === query);
  return same.find(({ own }) => own) ?? same[0];
}

/** The view with which a page opens for the reader. */
export function defaultView(views: readonly SavedView[], page: ViewPage): SavedView | undefined {
  return views.find(view => view.page === page && view.own && view.default);
}
