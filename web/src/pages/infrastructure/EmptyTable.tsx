// The table without rows: because of the filters, or because nothing reports yet.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Notice } from '~/components/Notice';
import { isFiltered, type View, type ViewSearch } from './view';

type Props = { view: View; any: boolean; onChange: (change: Partial<ViewSearch>) => void };

const NO_FILTER: Partial<ViewSearch> = { kind: undefined, status: undefined, source: undefined, q: undefined };

export function EmptyTable({ view, any, onChange }: Props) {
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
        <p>There are resources, but none with this kind, status, source and text.</p>
      </Notice>
    );
  }
  return (
    <Notice kind="empty" title="No hosts yet" action={<Link to="/system">Look at the sources</Link>}>
      <p>Every host that a source reports appears here, with its filesystems, disks and interfaces.</p>
      <p>This server watches its own machine, which shows up within ten seconds of the start.</p>
    </Notice>
  );
}
