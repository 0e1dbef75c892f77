// The saved views of a page: one's own and those that others share. Saves what is on the screen, changes and deletes.
import { Button } from '@mantine/core';
import { IconBookmark, IconChevronDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { viewsQuery } from '~/api/queries';
import type { SavedView, ViewPage } from '~/api/types';
import { useOpener } from '~/components/useOpener';
import { shownView, viewQueryOf } from './matches';
import classes from './SavedViews.module.css';

const ViewForm = lazy(() => import('./ViewForm').then(({ ViewForm: component }) => ({ default: component })));
const loadSavedViewsMenu = async () => (await import('./SavedViewsMenu')).SavedViewsMenu;

type Props = { page: ViewPage; search: Record<string, unknown> };

export function SavedViews({ page, search }: Props) {
  const { data, isError } = useQuery(viewsQuery);
  const [form, setForm] = useState<SavedView | 'new' | null>(null);
  const { button, Opened, opening } = useOpener(loadSavedViewsMenu, 'menu');
  const views = (data ?? []).filter(view => view.page === page);
  const shown = shownView(views, page, search);
  return (
    <>
      <Button
        {...button}
        variant={shown ? 'light' : 'default'}
        size="xs"
        className={classes.button}
        leftSection={<IconBookmark size={15} aria-hidden />}
        rightSection={<IconChevronDown size={14} aria-hidden />}
      >
        {shown?.name ?? 'Views'}
      </Button>
      {Opened && opening && <Opened views={views} shown={shown} failed={isError} onForm={setForm} opening={opening} />}
      <Suspense fallback={null}>
        {form !== null && (
          <ViewForm
            page={page}
            query={viewQueryOf(search)}
            view={form === 'new' ? null : form}
            views={views}
            onClose={() => {
              setForm(null);
            }}
          />
        )}
      </Suspense>
    </>
  );
}
