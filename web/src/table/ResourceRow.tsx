// One resource as a row of the table, or as a card on small screens.
import { memo } from 'react';
import type { Resource } from '~/api/types';
import type { Spark } from '~/components/sparkPath';
import { useRowReading } from '~/live/LiveContext';
import { isStale } from '~/components/stale';
import { useNow } from '~/time/useNow';
import { Cell, SparkCell } from './Cell';
import type { Column } from './columns';
import { NameCell } from './NameCell';
import { Opener } from './Opener';
import { ResourceCard } from './ResourceCard';
import type { TreeRow } from './rows';
import { useOwnFocus } from './useOwnFocus';
import classes from './ResourceTable.module.css';

const NOW_GRAIN_MS = 10_000;

type Props = {
  row: Extract<TreeRow, { type: 'resource' }>;
  position: number;
  depth: number;
  open: boolean;
  columns: readonly Column[];
  card: boolean;
  spark: Spark;
  onToggle: (id: string, open: boolean) => void;
};

function useStale(resource: Resource): boolean {
  const now = useNow(NOW_GRAIN_MS);
  return useRowReading(resource.id, ({ lastSeen }) => isStale(resource, lastSeen, now));
}

/** What a sweep changes is read by the cells that show it, so that it draws those anew and not the row. */
export const ResourceRow = memo(function ResourceRow(props: Props) {
  const { row, position, depth, open, columns, card, spark, onToggle } = props;
  const { resource, children } = row;
  const stale = useStale(resource);
  const element = useOwnFocus<HTMLDivElement>(resource.id);
  const opener = (
    <Opener
      count={children.length}
      open={open}
      name={resource.canonicalIdentity.displayName}
      onToggle={() => {
        onToggle(resource.id, !open);
      }}
    />
  );
  if (card) return <ResourceCard ref={element} {...{ resource, position, depth, opener, stale }} />;
  return (
    <div
      ref={element}
      role="row"
      aria-rowindex={position}
      className={classes.row}
      data-row={resource.id}
      data-stale={stale}
    >
      {columns.map(({ id, numeric }) =>
        id === 'name' ? (
          <div key={id} role="cell" className={`${classes.cell} ${classes.opens}`}>
            <span style={{ width: depth * 18 }} />
            {opener}
            <NameCell resource={resource} />
          </div>
        ) : (
          <div key={id} role="cell" className={classes.cell} data-numeric={numeric}>
            {id === 'spark' ? (
              <SparkCell kind={resource.kind} spark={spark} />
            ) : (
              <Cell column={id} resource={resource} />
            )}
          </div>
        ),
      )}
    </div>
  );
});
