// Names a view and says who sees it: a new one of what is on the screen, in the place of an old one, or an old one anew.
import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { fieldProblem } from '~/api/problem';
import type { SavedView, ViewPage } from '~/api/types';
import { ProblemNotice } from '~/components/ProblemNotice';
import { createView, updateView } from './changes';
import classes from './SavedViews.module.css';

type Props = {
  page: ViewPage;
  /** What is on the screen. */
  query: string;
  /** The view to change; `null` for a new one. */
  view: SavedView | null;
  views: readonly SavedView[];
  onClose: () => void;
};

const sameName = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase();

export function ViewForm({ page, query, view, views, onClose }: Props) {
  const queries = useQueryClient();
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(view?.shared ?? false);
  const [opens, setOpens] = useState(view?.default ?? false);
  const replaced = view ?? views.find(other => other.own && sameName(other.name, name)) ?? null;
  const saving = useMutation({
    mutationFn: async () => {
      const body = { name, query: view?.query ?? query, shared, default: opens };
      await (replaced ? updateView(queries, replaced, body) : createView(queries, { page, ...body }));
    },
    onSuccess: onClose,
  });
  const nameProblem = fieldProblem(saving.error, '/name');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={view ? `The view “${view.name}”` : 'Save this view'}>
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          label="Name"
          data-autofocus
          required
          maxLength={64}
          value={name}
          error={nameProblem}
          onChange={event => {
            setName(event.currentTarget.value);
          }}
        />
        <Checkbox
          label="Others see it, too"
          checked={shared}
          onChange={event => {
            setShared(event.currentTarget.checked);
          }}
        />
        <Checkbox
          label="This page opens with it"
          checked={opens}
          onChange={event => {
            setOpens(event.currentTarget.checked);
          }}
        />
        {saving.isError && nameProblem === undefined && <ProblemNotice error={saving.error} />}
        <div className={classes.end}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={saving.isPending} disabled={name.trim() === ''}>
            {replaced && !view ? 'Replace' : 'Save'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
