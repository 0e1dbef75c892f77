// The table: only the rows in view exist. Cards on small screens, columns elsewhere.
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent, type MouseEvent } from 'react';
import type { Resource } from '~/api/types';
import { useWatch } from '~/live/LiveContext';
import { usePreference } from '~/preferences/preferences';
import { useSmallScreen } from '~/theme/useSmallScreen';
import { fitColumns, gridTracks } from './columns';
import { followRowLink } from './followRowLink';
import { HeadingRow } from './HeadingRow';
import { moveByKey } from './moveByKey';
import type { ModelRow } from './order';
import { ResourceRow } from './ResourceRow';
import { TableHead } from './TableHead';
import { Slots } from './slots';
import { useSparklines } from './useSparklines';
import type { Sort, View } from './view';
import classes from './ResourceTable.module.css';

const ROW_HEIGHT = { compact: 30, comfortable: 42 };
const CARD_HEIGHT = 88;
const OVERSCAN = 6;
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
  const cards = useSmallScreen();
  const navigate = useNavigate();
  const [density] = usePreference('density');
  const height = cards ? CARD_HEIGHT : ROW_HEIGHT[density];
  const columns = useMemo(() => fitColumns(view.columns, width - ROW_PADDING), [view.columns, width]);

  // The virtualizer measures all rows anew with a new key function, as it must when their height changes, and only then.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
  const getItemKey = useCallback((index: number) => rows[index]?.id ?? index, [rows, height]);
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer's answers change with the scroll position, as they should
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    getItemKey,
  });
  const items = virtualizer.getVirtualItems();
  const slots = useState(() => new Slots())[0].assign(items.flatMap(({ index }) => rows[index]?.id ?? []));
  const visible = items.flatMap(({ index }): Resource[] => {
    const row = rows[index]?.original;
    return row?.type === 'resource' ? [row.resource] : [];
  });
  useWatch(visible.map(({ id }) => id));
  const sparkOf = useSparklines(visible);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    moveByKey(event, rows, onToggle);
  };
  const onClick = (event: MouseEvent) => {
    followRowLink(event, id => void navigate({ to: '/resources/$id', params: { id } }));
  };
  const draw = (row: ModelRow, index: number) => {
    const { id, original, depth, open } = row;
    const shared = { position: index + 2, open, onToggle };
    return original.type === 'heading' ? (
      <HeadingRow key={slots.get(id)} {...shared} row={original} />
    ) : (
      <ResourceRow
        key={slots.get(id)}
        {...shared}
        row={original}
        depth={depth}
        columns={columns}
        card={cards}
        spark={sparkOf(original.resource.id)}
      />
    );
  };
  return (
    <div ref={useMergedRef(scroller, sized)} className={classes.scroller} onKeyDown={onKeyDown} onClick={onClick}>
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
