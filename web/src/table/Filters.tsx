// Narrows the table down: by kind, status, source, tag and text. Offers only what there is.
import { TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { Resource } from '~/api/types';
import { ChoiceMenu } from '~/components/ChoiceMenu';
import { useSourceName } from '~/components/sourceNames';
import type { Estate } from '~/live/estate';
import { KIND, STATUS } from '~/strings/labels';
import type { Filter, ViewSearch } from './view';
import classes from './Toolbar.module.css';

type Props = { filter: Filter; resources: Estate['resources']; onChange: (change: Partial<ViewSearch>) => void };

function present(resources: Estate['resources']) {
  const [kinds, statuses] = [new Set<Resource['kind']>(), new Set<Resource['status']>()];
  const [sources, tags] = [new Set<string>(), new Set<string>()];
  // In one pass and without copies: there may be ten thousand, and something changes with each sweep.
  for (const resource of resources.values()) {
    kinds.add(resource.kind);
    statuses.add(resource.status);
    for (const { source } of resource.sources) sources.add(source);
    for (const tag of resource.tags) tags.add(tag);
  }
  const sorted = <Word extends string>(words: ReadonlySet<Word>) => [...words].toSorted();
  return { kinds: sorted(kinds), statuses: sorted(statuses), sources: sorted(sources), tags: sorted(tags) };
}

const orNothing = (words: readonly string[]) => (words.length > 0 ? words.join(',') : undefined);
const named = (words: readonly string[]) => words.map(word => ({ value: word, label: word }));

export function Filters({ filter, resources, onChange }: Props) {
  const { kinds, statuses, sources, tags } = useMemo(() => present(resources), [resources]);
  const nameOf = useSourceName();
  const menus = [
    {
      field: 'kind',
      title: 'Kind',
      choices: kinds.map(kind => ({ value: kind, label: KIND[kind].many })),
      chosen: filter.kinds,
    },
    {
      field: 'status',
      title: 'Status',
      choices: statuses.map(status => ({ value: status, label: STATUS[status] })),
      chosen: filter.statuses,
    },
    {
      field: 'source',
      title: 'Source',
      choices: sources.map(source => ({ value: source, label: nameOf(source) })),
      chosen: filter.sources,
    },
    { field: 'tag', title: 'Tag', choices: named(tags), chosen: filter.tags },
  ];
  return (
    <>
      {menus
        // Where there is nothing to choose, as with tags in most estates, a button would only be in the way.
        .filter(({ choices, chosen }) => choices.length > 1 || chosen.length > 0)
        .map(({ field, title, choices, chosen }) => (
          <ChoiceMenu
            key={field}
            title={title}
            choices={choices}
            chosen={chosen}
            onChange={words => {
              onChange({ [field]: orNothing(words) });
            }}
          />
        ))}
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
