// What belongs to the resource, a table for each kind of thing.
import type { Resource, ResourceKind } from '~/api/types';
import { Heads } from '~/components/Heads';
import { Panel } from '~/components/Panel';
import { KIND } from '~/strings/labels';
import { CHILD_COLUMNS, GENERIC_COLUMNS, type ChildColumn } from './childColumns';
import { ChildRow } from './ChildRow';
import classes from './ResourceView.module.css';

export function ChildrenPanels({ parts }: { parts: readonly Resource[] }) {
  const kinds = Map.groupBy(parts, ({ kind }) => kind);
  return [...kinds].map(([kind, children]) => (
    <Panel key={kind} title={KIND[kind].many} aside={`${children.length}`} flush>
      <ChildTable kind={kind} parts={children} />
    </Panel>
  ));
}

function ChildTable({ kind, parts }: { kind: ResourceKind; parts: readonly Resource[] }) {
  const columns: readonly ChildColumn[] = CHILD_COLUMNS[kind] ?? GENERIC_COLUMNS;
  return (
    <table className={classes.table}>
      <Heads heads={columns} />
      <tbody>
        {parts.map(resource => (
          <ChildRow key={resource.id} resource={resource} columns={columns} />
        ))}
      </tbody>
    </table>
  );
}
