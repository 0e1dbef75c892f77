// What opens at the button of the saved views: those there are, and what can be done with them.
import { Menu } from '@mantine/core';
import { IconLink, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { SavedView } from '~/api/types';
import { LaterMenu } from '~/components/LaterMenu';
import type { Opening } from '~/components/useOpener';
import { sayFailure } from '~/notices/toasts';
import { parseSearch } from '~/searchParams';
import { copyLink } from '~/shell/useActions';
import { deleteView } from './changes';
import { PAGE_PATH } from './pagePath';

type Props = {
  views: readonly SavedView[];
  shown: SavedView | undefined;
  /** Whether the views could not be read. */
  failed: boolean;
  onForm: (view: SavedView | 'new') => void;
  opening: Opening;
};

export function SavedViewsMenu({ views, shown, failed, onForm, opening }: Props) {
  return (
    <LaterMenu opening={opening} position="bottom-end" width={280}>
      <ViewChoices views={views} shown={shown} />
      {failed && <Menu.Label>The saved views could not be read.</Menu.Label>}
      <Menu.Divider />
      <Menu.Item
        leftSection={<IconPlus size={15} aria-hidden />}
        onClick={() => {
          onForm('new');
        }}
      >
        Save this view
      </Menu.Item>
      {shown && (
        <ShownActions
          view={shown}
          onEdit={() => {
            onForm(shown);
          }}
        />
      )}
    </LaterMenu>
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
