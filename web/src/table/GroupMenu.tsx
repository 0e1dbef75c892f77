// By what the rows are grouped, if by anything.
import { NativeSelect } from '@mantine/core';
import { GROUP_BY, type GroupBy, type View, type ViewSearch } from './view';
import classes from './Toolbar.module.css';

const TITLE: Record<GroupBy, string> = {
  kind: 'By kind',
  status: 'By status',
  parent: 'By parent',
  source: 'By source',
  tag: 'By tag',
};

type Props = { group: View['group']; onChange: (change: Partial<ViewSearch>) => void };

export function GroupMenu({ group, onChange }: Props) {
  return (
    <NativeSelect
      className={classes.group}
      size="xs"
      aria-label="Group"
      value={group ?? ''}
      data={[{ value: '', label: 'Ungrouped' }, ...GROUP_BY.map(by => ({ value: by, label: TITLE[by] }))]}
      onChange={event => {
        const chosen = GROUP_BY.find(by => by === event.currentTarget.value);
        onChange({ group: chosen, ...(chosen && { view: undefined }) });
      }}
    />
  );
}
