// The heads of the columns; a click sorts.
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { ColumnId } from './columnIds';
import type { Column } from './columns';
import type { Sort } from './view';
import classes from './ResourceTable.module.css';

type Props = { columns: readonly Column[]; sort: Sort; onSort: (column: ColumnId) => void; hidden: boolean };

export function TableHead({ columns, sort, onSort, hidden }: Props) {
  return (
    <div role="rowgroup" className={hidden ? 'visually-hidden' : classes.head}>
      <div role="row" className={classes.row} aria-rowindex={1}>
        {columns.map(column => (
          <HeadCell key={column.id} column={column} sort={sort} onSort={onSort} focusable={!hidden} />
        ))}
      </div>
    </div>
  );
}

type CellProps = { column: Column; sort: Sort; onSort: (column: ColumnId) => void; focusable: boolean };

function HeadCell({ column: { id, title, numeric, sortable }, sort, onSort, focusable }: CellProps) {
  const sorted = sort.column === id;
  const Arrow = sort.descending ? IconArrowDown : IconArrowUp;
  const order = sort.descending ? 'descending' : 'ascending';
  return (
    <div role="columnheader" className={classes.cell} data-numeric={numeric} aria-sort={sorted ? order : 'none'}>
      {sortable ? (
        <button
          type="button"
          className={classes.sort}
          tabIndex={focusable ? 0 : -1}
          onClick={() => {
            onSort(id);
          }}
        >
          {title}
          {sorted && <Arrow size={13} aria-hidden />}
        </button>
      ) : (
        title
      )}
    </div>
  );
}
