// The table: only the rows in view exist. Cards on small screens, columns elsewhere.
import { useElementSize, useMediaQuery, useMergedRef } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, type CSSProperties, type KeyboardEvent } from 'react';
import type { Resource } from '~/api/types';
import { useWatch } from '~/live/LiveContext';
import { usePreference } from '~/shell/preferences';
import { SMALL_SCREEN } from '~/theme/screens';
import { fitColumns, gridTracks } from './columns';
import { moveByKey } from './moveByKey';
import { ResourceRow } from './ResourceRow';
import { SystemRow } from './SystemRow';
import { TableHead } from './TableHead';
import type { ModelRow } from './useTable';
import { useSparklines } from './useSparklines';
import type { Sort, View } from './view';
import classes from './ResourceTable.module.css';

const ROW_HEIGHT = { compact: 30, comfortable: 42 };
const CARD_HEIGHT = 88;
const OVERSCAN = 8;
/** What the padding of a row takes from the room for columns. */
const ROW_PADDING = 24;

type Props = {
  rows: readonly ModelRow[];
  view: View;
  onSort: (sort: Sort['column']) => void;
  onToggle: (id: string, open: boolean) => void;
};

export function ResourceTable({ rows, view, onSort, onToggle }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: sized, width } = useElementSize<HTMLDivElement>();
  const cards = useMediaQuery(SMALL_SCREEN, undefined, { getInitialValueInEffect: false });
  const [density] = usePreference('density');
  const height = cards ? CARD_HEIGHT : ROW_HEIGHT[density];
  const columns = useMemo(() => fitColumns(view.columns, width - ROW_PADDING), [view.columns, width]);

  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer's answers change with the scroll position, as they should
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    getItemKey: index => rows[index]?.id ?? index,
  });
  const items = virtualizer.getVirtualItems();
  const visible = items.flatMap(({ index }): Resource[] => {
    const row = rows[index]?.original;
    return row?.type === 'resource' ? [row.resource] : [];
  });
  useWatch(visible.map(({ id }) => id));
  const sparkOf = useSparklines(visible);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    moveByKey(event, rows, onToggle);
  };
  const draw = (row: ModelRow, index: number) => {
    const shared = { key: row.id, position: index + 2, open: row.getIsExpanded(), onToggle };
    const { original } = row;
    return original.type === 'system' ? (
      <SystemRow {...shared} row={original} />
    ) : (
      <ResourceRow
        {...shared}
        row={original}
        depth={row.depth}
        columns={columns}
        card={cards}
        spark={sparkOf(original.id)}
      />
    );
  };
  return (
    <div ref={useMergedRef(scroller, sized)} className={classes.scroller} onKeyDown={onKeyDown}>
      <div
        role="table"
        aria-label="Resources"
        aria-rowcount={rows.length + 1}
        // The style sheet reads these two; React's types know only CSS's own properties.
        style={{ '--tracks': gridTracks(columns), '--row': `${height}px` } as CSSProperties}
      >
        <TableHead columns={columns} sort={view.sort} onSort={onSort} hidden={cards} />
        <div role="rowgroup" className={classes.body} style={{ height: virtualizer.getTotalSize() }}>
          <div className={classes.window} style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
            {items.map(({ index }) => {
              const row = rows[index];
              return row && draw(row, index);
            })}
          </div>
        </div>
      </div>
    </div>
  );
}
