// Saving, changing and deleting views on the server. Each says how it went.
import type { QueryClient } from '@tanstack/react-query';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import { viewsQuery } from '~/api/queries';
import type { NewView, SavedView, ViewChange } from '~/api/types';
import { say, sayFailure } from '~/notices/toasts';

export async function createView(queries: QueryClient, view: NewView): Promise<SavedView> {
  const saved = await unwrap('to save the view', api.POST('/api/views', { body: view }));
  await told(queries, `The view “${saved.name}” is saved.`);
  return saved;
}

export async function updateView(
  queries: QueryClient,
  { id, version }: SavedView,
  change: Omit<ViewChange, 'version'>,
) {
  const params = { path: { id } };
  const saved = await unwrap(
    'to change the view',
    api.PUT('/api/views/{id}', { params, body: { ...change, version } }),
  );
  await told(queries, `The view “${saved.name}” is changed.`);
}

export async function deleteView(queries: QueryClient, view: SavedView) {
  await unwrap('to delete the view', api.DELETE('/api/views/{id}', { params: { path: { id: view.id } } }));
  const { page, name, query, shared } = view;
  // Nobody means it every time.
  const undo = {
    label: 'Undo',
    run: () => {
      createView(queries, { page, name, query, shared, default: view.default }).catch((error: unknown) => {
        sayFailure('The view is still deleted.', error);
      });
    },
  };
  await told(queries, `The view “${name}” is deleted.`, undo);
}

async function told(queries: QueryClient, text: string, action?: { label: string; run: () => void }) {
  // First the views, then the word: whoever goes on at it finds them as they are.
  await queries.invalidateQueries({ queryKey: viewsQuery.queryKey });
  say({ kind: 'done', text, ...(action && { action }) });
}
