// The saved views of a page: one's own and those that others share. Saves what is on the screen, changes and deletes.
import { Button, Menu } from '@mantine/core';
import { IconBookmark, IconChevronDown, IconLink, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { viewsQuery } from '~/api/queries';
import type { SavedView, ViewPage } from '~/api/types';
import { sayFailure } from '~/notices/toasts';
import { parseSearch } from '~/searchParams';
import { copyLink } from '~/shell/useActions';
import { deleteView } from './changes';
import { shownView, viewQueryOf } from './matches';
import { PAGE_PATH } from './pagePath';
import classes from './SavedViews.module.css';

const ViewForm = lazy(() => import('./ViewForm').then(({ ViewForm: component }) => ({ default: component })));

type Props = { page: ViewPage; search: Record<string, unknown> };

export function SavedViews({ page, search }: Props) {
  const { data, isError } = useQuery(viewsQuery);
  const [form, setForm] = useState<SavedView | 'new' | null>(null);
  const views = (data ?? []).filter(view => view.page === page);
  const shown = shownView(views, page, search);
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button
            variant={shown ? 'light' : 'default'}
            size="xs"
            className={classes.button}
            leftSection={<IconBookmark size={15} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
          >
            {shown?.name ?? 'Views'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <ViewChoices views={views} shown={shown} />
          {isError && <Menu.Label>The saved views could not be read.</Menu.Label>}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => {
              setForm('new');
            }}
          >
            Save this view
          </Menu.Item>
          {shown && (
            <ShownActions
              view={shown}
              onEdit={() => {
                setForm(shown);
              }}
            />
          )}
        </Menu.Dropdown>
      </Menu>
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

function ViewChoices({ views, shown }: { views: readonly SavedView[]; shown: SavedView | undefined }) {
  const navigate = useNavigate();
  if (views.length === 0) return <Menu.Label>No view of this page is saved yet.</Menu.Label>;
  return views.map(view => {
    const path = PAGE_PATH[view.page];
    return (
      <Menu.Item
        key={view.id}
        {...(view.id === shown?.id && { 'aria-current': true })}
        // The router knows what each page makes of its address, and drops what means nothing.
        onClick={() => void navigate({ to: path, search: parseSearch(view.query) as never })}
      >
        {view.name} <span className="dim">{remark(view)}</span>
      </Menu.Item>
    );
  });
}

function remark({ own, owner, shared, default: opens }: SavedView): string {
  if (!own) return `of ${owner}`;
  return [opens && 'opens first', shared && 'shared'].filter(Boolean).join(', ');
}

function ShownActions({ view, onEdit }: { view: SavedView; onEdit: () => void }) {
  const queries = useQueryClient();
  const remove = () => {
    deleteView(queries, view).catch((error: unknown) => {
      sayFailure('The view is still there.', error);
    });
  };
  return (
    <>
      <Menu.Item
        leftSection={<IconLink size={15} aria-hidden />}
        onClick={() => void copyLink(`${window.location.origin}/views/${view.id}`)}
      >
        Copy a link to “{view.name}”
      </Menu.Item>
      {view.own && (
        <>
          <Menu.Item leftSection={<IconPencil size={15} aria-hidden />} onClick={onEdit}>
            Rename or share “{view.name}”
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={15} aria-hidden />} onClick={remove}>
            Delete “{view.name}”
          </Menu.Item>
        </>
      )}
    </>
  );
}
