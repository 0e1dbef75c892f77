// One resource as a row of the table, or as a card on small screens.
import { memo } from 'react';
import type { Spark } from '~/components/sparkPath';
import { useRowReadings } from '~/live/LiveContext';
import { isStale } from '~/components/stale';
import { useNow } from '~/time/useNow';
import { Cell } from './Cell';
import type { Column } from './columns';
import { NameCell } from './NameCell';
import { Opener } from './Opener';
import { ResourceCard } from './ResourceCard';
import type { TreeRow } from './rows';
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

export const ResourceRow = memo(function ResourceRow(props: Props) {
  const { row, position, depth, open, columns, card, spark, onToggle } = props;
  const { resource, children } = row;
  const readings = useRowReadings(resource.id);
  const stale = isStale(resource, readings.lastSeen, useNow(NOW_GRAIN_MS));
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
  if (card) {
    return (
      <ResourceCard
        resource={resource}
        readings={readings}
        position={position}
        depth={depth}
        opener={opener}
        stale={stale}
      />
    );
  }
  return (
    <div role="row" aria-rowindex={position} className={classes.row} data-row={resource.id} data-stale={stale}>
      {columns.map(({ id, numeric }) =>
        id === 'name' ? (
          <div key={id} role="cell" className={`${classes.cell} ${classes.opens}`}>
            <span style={{ width: depth * 18 }} />
            {opener}
            <NameCell resource={resource} />
          </div>
        ) : (
          <div key={id} role="cell" className={classes.cell} data-numeric={numeric}>
            <Cell column={id} resource={resource} readings={readings} spark={spark} />
          </div>
        ),
      )}
    </div>
  );
});
