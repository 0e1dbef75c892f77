// The heading of a system with several members.
import type { ConnectedSystem } from '~/api/types';
import { Age } from '~/components/Age';
import { StatusMark } from '~/components/StatusMark';
import { Opener } from './Opener';
import type { TreeRow } from './rows';
import classes from './ResourceTable.module.css';

type Props = {
  row: Extract<TreeRow, { type: 'system' }>;
  position: number;
  open: boolean;
  onToggle: (id: string, open: boolean) => void;
};

function about({ surfaces, version }: ConnectedSystem): string {
  const kinds = surfaces.map(({ label }) => label).join(', ');
  return version ? `${kinds}, ${version}` : kinds;
}

export function SystemRow({ row, position, open, onToggle }: Props) {
  const { system, children, id } = row;
  return (
    <div role="row" aria-rowindex={position} className={classes.system} data-row={id}>
      <div role="cell" className={classes.systemCell}>
        <Opener
          count={children.length}
          open={open}
          name={system.name}
          onToggle={() => {
            onToggle(id, !open);
          }}
        />
        <strong data-tip={system.explanation}>{system.name}</strong>
        <StatusMark status={system.healthStatus} />
        <span className="dim">
          {children.length} members {about(system)}
        </span>
        <span className="dim">
          <Age time={system.lastSeen ?? null} />
        </span>
      </div>
    </div>
  );
}
