// Narrows the table down: by kind, status, source and text. Offers only what there is.
import { TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { Estate } from '~/live/estate';
import { KIND, STATUS } from '~/strings/labels';
import { ChoiceMenu } from './ChoiceMenu';
import type { Filter, ViewSearch } from './view';
import classes from './Toolbar.module.css';

type Props = { filter: Filter; resources: Estate['resources']; onChange: (change: Partial<ViewSearch>) => void };

function present(resources: Estate['resources']) {
  const all = [...resources.values()];
  return {
    kinds: [...new Set(all.map(({ kind }) => kind))].toSorted(),
    statuses: [...new Set(all.map(({ status }) => status))].toSorted(),
    sources: [...new Set(all.flatMap(({ sources }) => sources.map(({ source }) => source)))].toSorted(),
  };
}

const orNothing = (words: readonly string[]) => (words.length > 0 ? words.join(',') : undefined);

export function Filters({ filter, resources, onChange }: Props) {
  const { kinds, statuses, sources } = useMemo(() => present(resources), [resources]);
  return (
    <>
      <ChoiceMenu
        title="Kind"
        choices={kinds.map(kind => ({ value: kind, label: KIND[kind].many }))}
        chosen={filter.kinds}
        onChange={chosen => {
          onChange({ kind: orNothing(chosen) });
        }}
      />
      <ChoiceMenu
        title="Status"
        choices={statuses.map(status => ({ value: status, label: STATUS[status] }))}
        chosen={filter.statuses}
        onChange={chosen => {
          onChange({ status: orNothing(chosen) });
        }}
      />
      <ChoiceMenu
        title="Source"
        choices={sources.map(source => ({ value: source, label: source }))}
        chosen={filter.sources}
        onChange={chosen => {
          onChange({ source: orNothing(chosen) });
        }}
      />
      <TextInput
        className={classes.text}
        size="xs"
        type="search"
        aria-label="Filter by text"
        placeholder="Filter"
        value={filter.text}
        onChange={event => {
          onChange({ q: event.currentTarget.value || undefined });
        }}
      />
    </>
  );
}
