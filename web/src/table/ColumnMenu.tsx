// Chooses the columns. Status, name and age always stay: without its age a value could be an old one.
import { COLUMN_IDS, type ColumnId } from './columnIds';
import { ChoiceMenu } from '~/components/ChoiceMenu';
import { COLUMNS } from './columns';
import type { ViewSearch } from './view';

type Props = { columns: readonly ColumnId[]; onChange: (change: Partial<ViewSearch>) => void };

const ALWAYS: readonly ColumnId[] = ['status', 'name', 'seen'];
const FREE = COLUMN_IDS.filter(id => !ALWAYS.includes(id));

export function ColumnMenu({ columns, onChange }: Props) {
  return (
    <ChoiceMenu
      title="Columns"
      counts={false}
      note="Some give way where room is short."
      choices={FREE.map(id => ({ value: id, label: COLUMNS[id].title }))}
      chosen={columns.filter(id => FREE.includes(id))}
      onChange={chosen => {
        onChange({ cols: COLUMN_IDS.filter(id => ALWAYS.includes(id) || chosen.includes(id)).join(',') });
      }}
    />
  );
}
