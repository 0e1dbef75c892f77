// The table without rows: because of the filters, or because nothing reports such a thing yet.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Notice } from '~/components/Notice';
import type { TableSpec } from './spec';
import { isFiltered, NO_FILTER, type View, type ViewSearch } from './view';

type Props = {
  empty: TableSpec['empty'];
  view: View;
  any: boolean;
  onChange: (change: Partial<ViewSearch>) => void;
};

export function EmptyTable({ empty, view, any, onChange }: Props) {
  if (any && isFiltered(view.filter)) {
    const clear = (
      <Button
        variant="default"
        size="xs"
        onClick={() => {
          onChange(NO_FILTER);
        }}
      >
        Clear the filters
      </Button>
    );
    return (
      <Notice kind="empty" title="Nothing passes the filters" action={clear}>
        <p>There are resources, but none with this kind, status, source, tag and text.</p>
      </Notice>
    );
  }
  return (
    <Notice kind="empty" title={empty.title} action={<Link to="/system">Look at the sources</Link>}>
      {empty.lines.map(line => (
        <p key={line}>{line}</p>
      ))}
    </Notice>
  );
}
