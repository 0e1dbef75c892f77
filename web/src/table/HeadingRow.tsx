// The heading above several rows: a system with its members, or what the rows are grouped by.
import { Age } from '~/components/Age';
import { StatusMark } from '~/components/StatusMark';
import { counted } from '~/format/units';
import { Opener } from './Opener';
import type { TreeRow } from './rows';
import { useOwnFocus } from './useOwnFocus';
import classes from './ResourceTable.module.css';

type Props = {
  row: Extract<TreeRow, { type: 'heading' }>;
  position: number;
  open: boolean;
  onToggle: (id: string, open: boolean) => void;
};

export function HeadingRow({ row, position, open, onToggle }: Props) {
  const { id, name, status, about, explanation, lastSeen, children } = row;
  const element = useOwnFocus<HTMLDivElement>(id);
  return (
    <div ref={element} role="row" aria-rowindex={position} className={classes.heading} data-row={id}>
      <div role="cell" className={classes.headingCell}>
        <Opener
          count={children.length}
          open={open}
          name={name}
          onToggle={() => {
            onToggle(id, !open);
          }}
        />
        <strong {...(explanation && { 'data-tip': explanation })}>{name}</strong>
        <StatusMark status={status} />
        <span className="dim">
          {counted(children.length, 'member', 'members')} {about}
        </span>
        {lastSeen !== undefined && (
          <span className="dim">
            <Age time={lastSeen} />
          </span>
        )}
      </div>
    </div>
  );
}
